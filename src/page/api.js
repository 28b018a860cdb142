// Calls of the API, and its stream. The token is in this tab's session storage, and only ever in a header.

const kToken = "spillway-token";
export const token = {
  get: () => sessionStorage.getItem(kToken) ?? "",
  set: (text) => (text ? sessionStorage.setItem(kToken, text) : sessionStorage.removeItem(kToken)),
};

export class Denied extends Error {}
export class Missing extends Error {}

function headers(more = {}) {
  return token.get() ? { Authorization: `Bearer ${token.get()}`, ...more } : more;
}

export async function get(path) {
  const response = await fetch(path, { headers: headers(), cache: "no-store" });
  if (response.status === 401) throw new Denied((await response.json()).detail);
  if (response.status === 404) throw new Missing((await response.json()).detail);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

// An order. Gives {status, body}; a standby's answer names the leader in body.url.
export async function order(app, action, fields, key) {
  const clear = action === "override";
  const query = clear ? `?${new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)]))}` : "";
  const response = await fetch(`/api/v1/apps/${encodeURIComponent(app)}/${action}${query}`, {
    method: clear ? "DELETE" : "POST",
    headers: headers(clear ? { "Idempotency-Key": key } : { "Content-Type": "application/json", "Idempotency-Key": key }),
    body: clear ? undefined : JSON.stringify(fields),
    redirect: "manual",
  });
  if (response.type === "opaqueredirect") return { status: 307, body: {} };
  return { status: response.status, body: await response.json().catch(() => ({})) };
}

// spillwayd sends a comment after 15 silent seconds; more than two of them missing is no accident.
const kSilence = 40; // seconds

// Reads the stream for good: `opened()` when it begins (again), `on(event, data)` for each event, `alive()` for each sign
// of life, `lost(why)` when it ends or has been silent for too long, `denied(why)` when a token is asked for (then it stays ended until `stream` is called again). EventSource can't send a
// token, hence fetch. Gives a function that ends it.
export function stream({ opened, on, alive, lost, denied }) {
  const ending = new AbortController();
  let lastId = "";
  const read = async (signal, heard) => {
    const response = await fetch("/api/v1/stream", { headers: headers(lastId ? { "Last-Event-ID": lastId } : {}), signal });
    if (response.status === 401) throw new Denied((await response.json()).detail);
    if (!response.ok) throw new Error(`the stream answered ${response.status}`);
    opened();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      heard();
      alive();
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        // spillwayd sends each field once, data on one line.
        const fields = Object.fromEntries(block.split("\n").map((line) => /^(\w+): ?([^]*)$/.exec(line)).filter(Boolean).map((found) => found.slice(1)));
        if (fields.id) lastId = fields.id;
        if (fields.data) on(fields.event ?? "message", JSON.parse(fields.data));
      }
    }
  };
  // One connection, cut when nothing is heard of it any more.
  const listen = async () => {
    const one = new AbortController();
    const cut = () => one.abort();
    let silence;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(cut, kSilence * 1000);
    };
    ending.signal.addEventListener("abort", cut);
    heard();
    try {
      await read(one.signal, heard);
    } catch (error) {
      throw one.signal.aborted ? new Error(`nothing was heard for ${kSilence} s`) : error;
    } finally {
      clearTimeout(silence);
      ending.signal.removeEventListener("abort", cut);
    }
  };
  (async () => {
    for (let pause = 1000; !ending.signal.aborted; pause = Math.min(pause * 1.5, 10000)) {
      try {
        await listen();
        pause = 1000;
        lost("the stream ended");
      } catch (error) {
        if (ending.signal.aborted) return;
        if (error instanceof Denied) return denied(error.message);
        lost(error instanceof TypeError ? "spillwayd does not answer" : error.message);
      }
      await new Promise((done) => setTimeout(done, pause));
    }
  })();
  return () => ending.abort();
}
