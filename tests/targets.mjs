// What the targets hold, whoever asks: the end-to-end tests and the smoke test.

// Every page of a list of KV or R2.  `items` takes what is wanted out of a page.
export async function pages(list, items, limit) {
  const all = [];
  let page = {};
  do {
    page = await list({ cursor: page.cursor, limit });
    all.push(...items(page));
  } while (page.list_complete === false || page.truncated);
  return all;
}

// Rows by table, and the names of all KV keys and R2 objects, of which `limit` are asked for at once.
export async function held({ TARGET_DB, TARGET_KV, TARGET_R2 }, limit) {
  const tables = await TARGET_DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*' AND name NOT IN ('d1_migrations', 'watch')",
  ).all();
  const all = {};
  for (const { name } of tables.results) {
    const { n } = await TARGET_DB.prepare(`SELECT COUNT(*) AS n FROM "${name}"`).first();
    all[`table ${name}`] = n;
  }
  all["KV keys"] = await pages((page) => TARGET_KV.list(page), ({ keys }) => keys.map(({ name }) => name), limit);
  all["R2 objects"] = await pages((page) => TARGET_R2.list(page), ({ objects }) => objects.map(({ key }) => key), limit);
  return all;
}
