// Written by `python -m cnnspec.editor.words` from its table.
export const RULES = [
  ["documentation", "##.*$"],
  ["comment", "#.*$"],
  ["string", "\"[^\"\\n]*\"?"],
  ["label", "[A-Za-z_](?:[\\w.]|\\$\\{[^}\\n]*\\})*(?=\\s*:(?!=))"],
  ["declaration", "\\b(?:block|figure|import|net|recipe|source)\\b(?!\\$\\{)"],
  ["keyword", "\\b(?:and|aux|bare|because|but|claim|default|else|for|from|if|in|input|let|not|or|output|percent|repeat|require|seq|share|within)\\b(?!\\$\\{)"],
  ["constant", "\\b(?:false|none|same|tf_same|true)\\b(?!\\$\\{)"],
  ["number", "(?<![\\w.])\\d[\\d_]*(?:x\\d+)+|(?<![\\w.])\\d[\\d_]*(?:\\.\\d+)?(?:[eE][+-]?\\d+)?[KMGB]?"],
  ["name", "[A-Za-z_](?:\\w|\\$\\{[^}\\n]*\\})*"],
  ["operator", "->|=>|==|!=|<=|>=|//|[-+*/%^<>=~.]"],
  ["punctuation", "[{}()\\[\\],;:$]"],
];
