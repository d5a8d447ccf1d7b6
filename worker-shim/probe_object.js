// A Durable Object to be tested, which plays those of an application: a session, a tenant, a post.  What it keeps, it keeps in
// its own SQLite; what is asked of it is decided by whoever asks.
import { DurableObject } from "cloudflare:workers";

export class ProbeObject extends DurableObject {
  get(key) {
    return this.ctx.storage.kv.get(key) ?? null;
  }

  put(key, value) {
    this.ctx.storage.kv.put(key, value);
  }

  // Gives the new sum.
  add(key, by = 1) {
    const sum = (this.ctx.storage.kv.get(key) ?? 0) + by;
    this.ctx.storage.kv.put(key, sum);
    return sum;
  }

  // What is there goes, what is not comes.  Gives whether it is there now.
  toggle(key) {
    if (this.ctx.storage.kv.delete(key)) return false;
    this.ctx.storage.kv.put(key, 1);
    return true;
  }

  count(prefix = "") {
    return [...this.ctx.storage.kv.list({ prefix })].length;
  }

  async stall(ms) {
    await scheduler.wait(ms);
  }

  // The object is as if nobody had ever called it.
  clear() {
    return this.ctx.storage.deleteAll();
  }

  // The same by HTTP: a path is a key.
  async fetch(request) {
    const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
    switch (request.method) {
      case "GET": {
        const value = this.get(key);
        return value === null ? new Response(null, { status: 404 }) : new Response(`${value}`);
      }
      case "PUT":
        this.put(key, await request.text());
        return new Response(null, { status: 204 });
      case "DELETE":
        return new Response(null, { status: this.ctx.storage.kv.delete(key) ? 204 : 404 });
      default:
        return new Response(null, { status: 405, headers: { allow: "GET, PUT, DELETE" } });
    }
  }
}
