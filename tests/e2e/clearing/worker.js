// Stands in for the Clearing: the status page that Sentinel reports to, with a database of its own.
//   GET  /api/status      what the page shows
//   POST /api/sentinel    a report; `componentStatus`, `incidentId`, `resolveIncident` and Idempotency-Key are understood
//                         unless it is told to be old
//   POST /misbehave       a list of how the next reports go wrong, one each: {"status": 500}, {"status": 503, "after": 7},
//                         {"slow": 20000} (milliseconds before it answers), {"cut": true} (does as it is told and breaks
//                         off), {"down": true} (breaks off before that).  {"page": …}: the next look at the page goes wrong
//   POST /old?yes=1       from now on it is the Clearing as it was: the state follows from errorRate, nothing else counts
let misbehaviour = [];
let old = false;

const KEY = "clearing-key";
const ladder = (rate) => (rate > 0.5 ? "major_outage" : rate > 0.2 ? "partial_outage" : rate > 0.05 ? "degraded" : "operational");
const impact = (rate) => (rate > 0.5 ? "critical" : rate > 0.2 ? "major" : "minor");

async function page({ DB }) {
  const { results } = await DB.prepare("SELECT slug, name, current_status AS status FROM status_components ORDER BY slug").all();
  return Response.json({ status: "operational", components: results });
}

async function open(DB, { runId, results: { errorRate } }) {
  const [id, slug] = [crypto.randomUUID(), `sentinel-${runId.slice(0, 8)}-${Date.now()}`];
  const title = `Infrastructure Validation Alert (${(errorRate * 100).toFixed(1)}% error rate)`;
  await DB.batch([
    DB.prepare("INSERT INTO status_incidents VALUES (?, ?, ?, 'investigating', ?, ?, ?)").bind(id, slug, title, impact(errorRate), errorRate > 0.5 ? "outage" : "degraded", new Date().toISOString()),
    DB.prepare("INSERT INTO status_updates (incident_id, status, message) VALUES (?, 'investigating', ?)").bind(id, `run ${runId}`),
  ]);
  return { incidentId: id, incidentSlug: slug };
}

async function act(DB, report) {
  const state = (!old && report.componentStatus) || ladder(report.results.errorRate);
  const slugs = report.componentSlug ? [report.componentSlug] : ["blog-engine", "cdn", "api"];
  for (const slug of slugs) {
    await DB.prepare("UPDATE status_components SET current_status = ?, updated_at = ? WHERE slug = ?").bind(state, new Date().toISOString(), slug).run();
  }
  if (!old && report.resolveIncident) await DB.prepare("UPDATE status_incidents SET status = 'resolved' WHERE id = ?").bind(report.resolveIncident).run();
  if (!old && report.incidentId) await DB.prepare("INSERT INTO status_updates (incident_id, status, message) VALUES (?, 'investigating', ?)").bind(report.incidentId, `run ${report.runId}`).run();
  const incident = report.createIncident && report.results.errorRate > 0.05 ? await open(DB, report) : {};
  return { success: true, statusUpdated: state, incidentCreated: "incidentId" in incident, ...incident };
}

async function report(request, { DB }) {
  const wrong = misbehaviour.shift() ?? {};
  if (request.headers.get("authorization") !== `Bearer ${KEY}`) return Response.json({ error: "Unauthorized" }, { status: 401 });
  const [key, body] = [request.headers.get("idempotency-key"), await request.json()];
  if (wrong.down) throw new Error("the stand-in is cut off");
  const before = !old && (await DB.prepare("SELECT id FROM reports WHERE key = ? AND done = 1").bind(key).first());
  const acts = !wrong.status && !before;
  await DB.prepare("INSERT INTO reports (key, body, done) VALUES (?, ?, ?)").bind(key, JSON.stringify(body), acts ? 1 : 0).run();
  if (wrong.status) return new Response("trouble", { status: wrong.status, headers: wrong.after ? { "retry-after": `${wrong.after}` } : {} });
  const answer = acts ? await act(DB, body) : { success: true };
  if (wrong.slow) await scheduler.wait(wrong.slow);
  if (wrong.cut) throw new Error("the stand-in is cut off");
  return Response.json(answer);
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case "/api/status": {
        if (misbehaviour[0]?.page === undefined) return page(env);
        return new Response("trouble", { status: misbehaviour.shift().page });
      }
      case "/api/sentinel":
        return report(request, env);
      case "/misbehave":
        misbehaviour = await request.json();
        return new Response("so be it");
      case "/old":
        old = searchParams.get("yes") === "1";
        return new Response("so be it");
      default:
        return new Response("nothing is here", { status: 404 });
    }
  },
};
