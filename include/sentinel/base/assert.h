/* Assertions stay on in production: a trap costs one instance, which is rebuilt from the last save, while a
 * wrong number in a report costs the trust of everyone who reads one. */
#ifndef SENTINEL_BASE_ASSERT_H
#define SENTINEL_BASE_ASSERT_H

#define SN_ASSERT(condition) ((condition) ? (void)0 : __builtin_trap())

#endif
