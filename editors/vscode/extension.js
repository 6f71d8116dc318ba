"use strict";
// The client of `cnnspec lsp`, and a panel with the figure of the net in the editor.
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;
let panel;

async function activate(context) {
  const command = vscode.workspace.getConfiguration("cnnspec").get("command");
  client = new LanguageClient(
    "cnnspec",
    "cnnspec",
    { command, args: ["lsp"] },
    { documentSelector: [{ language: "cnn" }] },
  );
  await client.start();
  context.subscriptions.push(
    vscode.commands.registerCommand("cnnspec.openFigure", openFigure),
    vscode.workspace.onDidChangeTextDocument((event) => {
      if (panel && event.document.languageId === "cnn") redraw(event.document);
    }),
  );
}

function openFigure() {
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.document.languageId !== "cnn") return;
  if (!panel) {
    // No scripts: the page is the figure alone, and nothing in it runs.
    panel = vscode.window.createWebviewPanel("cnnspec.figure", "cnnspec", vscode.ViewColumn.Beside, {
      enableScripts: false,
    });
    panel.onDidDispose(() => (panel = undefined));
  }
  redraw(editor.document);
}

async function redraw(document) {
  const theme = vscode.window.activeColorTheme.kind === vscode.ColorThemeKind.Dark ? "dark" : "light";
  const drawn = await client.sendRequest("workspace/executeCommand", {
    command: "cnnspec.figure",
    arguments: [{ uri: document.uri.toString(), theme }],
  });
  if (!drawn || !panel) return; // while the text has errors the last figure stays
  panel.title = drawn.net;
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  const figure = Buffer.from(drawn.svg).toString("base64");
  panel.webview.html =
    `<!DOCTYPE html><html><head><meta http-equiv="Content-Security-Policy" content="${policy}"></head>` +
    `<body><img style="max-width: 100%" src="data:image/svg+xml;base64,${figure}"></body></html>`;
}

function deactivate() {
  return client ? client.stop() : undefined;
}

module.exports = { activate, deactivate };
