// Who answers the page: the compiler in a worker of this browser, or `cnnspec play`.

export class Stopped extends Error {}

// One request at a time, in order; `start` is called before the first and after a stop.
class Line {
  constructor() { this.last = Promise.resolve(); this.pending = 0; }
  ask(request) {
    this.pending++;
    const answer = this.last.then(() => this.answer(request)).finally(() => { this.pending--; });
    this.last = answer.catch(() => {});
    return answer;
  }
}

export class WorkerEngine extends Line {
  // A text that takes longer than `limit` ms is given up: its worker is replaced.
  constructor(limit, told) { super(); this.limit = limit; this.told = told; this.times = []; }

  start() {
    const began = performance.now();
    this.worker = new Worker("worker.js", { type: "module" });
    this.ready = this.next().then((ready) => {
      if (ready.failed) throw new Error(ready.failed);
      this.times.push({ ...ready.times, total: performance.now() - began });
    });
    return this.ready;
  }

  next() {
    return new Promise((resolve, reject) => {
      this.worker.onmessage = (event) => resolve(event.data);
      this.worker.onerror = (event) => reject(new Error(event.message || "the worker did not start"));
    });
  }

  async answer(request) {
    await (this.ready ?? this.start());
    const next = this.next();
    this.worker.postMessage(JSON.stringify(request));
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Stopped()), this.limit);
    });
    try {
      const { answer, failed, ms } = await Promise.race([next, late]);
      if (failed !== undefined) throw new Error(failed);
      const read = JSON.parse(answer);
      if (read.unanswered) throw new Error(read.unanswered);
      return { ...read, ms };
    } catch (error) {
      if (error instanceof Stopped) {
        this.worker.terminate();
        this.told("starting again …");
        this.start();
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

export class ServerEngine extends Line {
  async post(where, request) {
    let response;
    try {
      response = await fetch(where, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(request),
      });
    } catch {
      throw new Error("cnnspec play has ended; what you type is kept in this browser");
    }
    if (!response.ok) throw new Error((await response.text()).trim());
    return response.json();
  }
  answer(request) { return this.post("ask", request); }
  save(text) { return this.post("save", { text }); }
}
