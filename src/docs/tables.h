/* Tables that the documentation shows.  Each prints itself to stdout and returns 1, or 0 after saying on stderr why it cannot. */
#ifndef SENTINEL_DOCS_TABLES_H
#define SENTINEL_DOCS_TABLES_H

int put_limits(void);
int put_meters(void);
int put_daily(void);
int put_faults(void);
int put_models(void);
int put_planted(void);
int put_bounds(void);

/* 18889 → "18,889" */
void put_grouped(unsigned long long value);

#endif
