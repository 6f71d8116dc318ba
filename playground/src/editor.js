// CodeMirror as the page's editor: colours, shapes at the ends of lines, problems with their fixes.
import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, StreamLanguage, bracketMatching, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, WidgetType, drawSelection, highlightActiveLine, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { Tag } from "@lezer/highlight";
import { wordAt } from "../../cnnspec/play/page/colour.js";
import { RULES } from "../../cnnspec/play/page/words.js";

const tags = Object.fromEntries(RULES.map(([kind]) => [kind, Tag.define(kind)]));
export const language = StreamLanguage.define({
  name: "cnn",
  tokenTable: tags,
  token(stream) {
    const [kind, end] = wordAt(stream.string, stream.pos);
    stream.pos = end;
    return kind || null;
  },
  languageData: { commentTokens: { line: "#" } },
});

const colours = HighlightStyle.define([
  { tag: tags.documentation, color: "var(--comment)", fontStyle: "italic" },
  { tag: tags.comment, color: "var(--comment)" },
  { tag: tags.string, color: "var(--string)" },
  { tag: tags.label, color: "var(--label)" },
  { tag: [tags.declaration, tags.keyword], color: "var(--keyword)" },
  { tag: [tags.number, tags.constant], color: "var(--number)" },
]);

const look = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--ground)", color: "var(--text)", fontSize: "13px" },
  ".cm-scroller": { fontFamily: 'ui-monospace, "DejaVu Sans Mono", monospace', lineHeight: "1.45" },
  ".cm-content": { caretColor: "var(--text)" },
  "&.cm-focused .cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--ground)", color: "var(--quiet)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--chosen) 45%, transparent)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { backgroundColor: "var(--chosen) !important" },
  ".cm-shape": { color: "var(--quiet)", paddingLeft: "1.5em", fontSize: "0.92em" },
  ".cm-tooltip": { backgroundColor: "var(--ground)", color: "var(--text)", border: "1px solid var(--quiet)", maxWidth: "560px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--chosen)", color: "var(--text)" },
  ".cm-diagnostic": { whiteSpace: "pre-wrap" },
  ".cm-diagnosticAction": { backgroundColor: "var(--ground)", color: "var(--text)", border: "1px solid var(--quiet)" },
  ".cm-about": { padding: "4px 8px", whiteSpace: "pre-wrap", maxHeight: "320px", overflow: "auto" },
  ".cm-panels": { backgroundColor: "var(--ground)", color: "var(--text)" },
});

class Shape extends WidgetType {
  constructor(text) { super(); this.text = text; }
  eq(other) { return other.text === this.text; }
  toDOM() {
    const made = document.createElement("span");
    made.className = "cm-shape";
    made.textContent = this.text;
    made.setAttribute("aria-label", `makes ${this.text}`);
    return made;
  }
}
const setShapes = StateEffect.define();
const shapes = StateField.define({
  create: () => Decoration.none,
  update(drawn, change) {
    const made = change.effects.find((effect) => effect.is(setShapes));
    return made ? made.value : drawn.map(change.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

function completions(ask) {
  return async (context) => {
    const word = context.matchBefore(/[\w.]*/);
    if (!context.explicit && word.from === word.to && !/[ ,(=>.]$/.test(context.state.sliceDoc(0, context.pos))) return null;
    if (!context.explicit && word.from === word.to) return null;
    const items = await ask(context.state.doc.toString(), context.pos);
    if (context.aborted) return null;
    return { from: word.from, validFor: /^\w*$/, options: items.map(([label, type, detail]) => ({ label, type, detail: detail.slice(0, 60) })) };
  };
}

function about(ask) {
  return hoverTooltip(async (view, pos) => {
    const text = await ask(pos);
    if (!text) return null;
    const dom = document.createElement("div");
    dom.className = "cm-about";
    dom.textContent = text.replaceAll(/^```\w*\n?/gm, "");
    return { pos, create: () => ({ dom }) };
  }, { hoverTime: 400 });
}

// A shadow tree, so that CodeMirror's styles are sheets of the document and no inline ones.
export function create(parent, { changed, moved, complete, hover, describe }) {
  const root = parent.attachShadow({ mode: "open" });
  const box = document.createElement("div");
  box.style.height = "100%";
  root.append(box);
  const told = EditorView.updateListener.of((update) => {
    if (update.docChanged) changed();
    if (update.selectionSet || update.docChanged) {
      moved(update.state.doc.lineAt(update.state.selection.main.head).number);
    }
  });
  const state = (doc) => EditorState.create({
    doc,
    extensions: [
      lineNumbers(), history(), drawSelection(), highlightActiveLine(), bracketMatching(),
      highlightSelectionMatches(), indentUnit.of("  "), language, syntaxHighlighting(colours), look,
      lintGutter(), shapes, autocompletion({ override: [completions(complete)] }), about(hover), told,
      keymap.of([...completionKeymap, ...lintKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap]),
      EditorView.contentAttributes.of({ "aria-label": describe }),
    ],
  });
  const view = new EditorView({ state: state(""), parent: box, root });
  const within = (place) => Math.max(0, Math.min(place, view.state.doc.length));
  const select = (from, to = from) => {
    view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    view.focus();
  };
  return {
    view,
    text: () => view.state.doc.toString(),
    set(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 } });
      view.scrollDOM.scrollTop = 0;
      if (!text) changed();
    },
    edit(edits) {
      view.dispatch({ changes: edits.map(({ from, to, text }) => ({ from, to, insert: text })) });
    },
    problems(found, fixes) {
      const marks = found.map((one) => {
        const from = within(one.from);
        const actions = fixes(one).map((fix) => ({ name: fix.title, apply: () => this.edit(fix.edits) }));
        return { from, to: within(Math.max(one.to, from + 1)), severity: one.severity, source: one.code, message: one.message, actions };
      });
      view.dispatch(setDiagnostics(view.state, marks));
    },
    hints(lines) {
      const marks = Object.entries(lines).flatMap(([number, text]) => {
        if (Number(number) > view.state.doc.lines) return [];
        const { to } = view.state.doc.line(Number(number));
        return [Decoration.widget({ widget: new Shape(text), side: 1 }).range(to)];
      });
      view.dispatch({ effects: setShapes.of(Decoration.set(marks, true)) });
    },
    goTo: (place) => select(within(place)),
    goToLine(number) {
      const { from, to } = view.state.doc.line(Math.min(number, view.state.doc.lines));
      select(from, to);
    },
  };
}

// Every coloured word of a text as CodeMirror sees it: kind and word.
export function words(text) {
  const found = [];
  language.parser.parse(text).iterate({
    enter: ({ name, from, to, node }) => { if (!node.firstChild && tags[name]) found.push([name, text.slice(from, to)]); },
  });
  return found;
}
