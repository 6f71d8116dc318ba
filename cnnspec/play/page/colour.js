// The words of a line, coloured by the one table that Pygments and TextMate have too.
import { RULES } from "./words.js";

const rules = RULES.map(([kind, pattern]) => [kind, new RegExp(pattern, "y")]);

// The kind and the end of what stands at a place of a line; no kind: nothing is coloured there.
export function wordAt(line, at) {
  for (const [kind, rule] of rules) {
    rule.lastIndex = at;
    const found = rule.exec(line);
    if (found && found[0].length) return [kind, at + found[0].length];
  }
  return ["", at + 1];
}

// Every coloured word of a text: kind and word, in order.
export function words(text) {
  const found = [];
  for (const line of text.split("\n")) {
    for (let at = 0; at < line.length;) {
      const [kind, end] = wordAt(line, at);
      if (kind) found.push([kind, line.slice(at, end)]);
      at = end;
    }
  }
  return found;
}
