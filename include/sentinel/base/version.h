#ifndef SENTINEL_BASE_VERSION_H
#define SENTINEL_BASE_VERSION_H

#define SN_VERSION "0.1.0" /* as package.json has it */

#endif
