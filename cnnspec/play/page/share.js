// A spec as part of an address: JSON, deflated, in base64url.

const LARGEST = 600_000; // bytes: more than two specs of the largest size need

const written = (bytes) =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const read = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

export async function pack(value) {
  const text = new Blob([JSON.stringify(value)]);
  const small = text.stream().pipeThrough(new CompressionStream("deflate-raw"));
  return written(new Uint8Array(await new Response(small).arrayBuffer()));
}

// What an address holds; throws when it is damaged, or would unfold to more than a spec.
export async function unpack(text) {
  const stream = new Blob([read(text)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const reader = stream.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let whole = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    whole += decoder.decode(value, { stream: true });
    if (whole.length > LARGEST) { await reader.cancel(); throw new Error("too large"); }
  }
  const found = JSON.parse(whole + decoder.decode());
  if (typeof found?.text !== "string" || typeof found?.name !== "string") throw new Error("no spec");
  return found;
}
