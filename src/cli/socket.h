/* The live connection to a run, by libwebsockets.  It connects again by itself, with growing pauses, when it drops. */
#ifndef SN_CLI_SOCKET_H
#define SN_CLI_SOCKET_H

#include "cli.h"

struct sn_cli_socket;

/* Told of every message. */
typedef void sn_cli_heard(void *user, const char *text, size_t len);

/* NULL, and said on stderr, when there is no memory for it. */
struct sn_cli_socket *sn_cli_socket_open(const char *run_id, sn_cli_heard *heard, void *user);
/* Waits until something happens, a quarter of a second at most. */
void sn_cli_socket_wait(struct sn_cli_socket *socket);
/* The next connection wants the run's history from this second on; at first it wants all of it. */
void sn_cli_socket_since(struct sn_cli_socket *socket, uint32_t second);
/* Gives the present connection up and makes another: it has been silent for too long. */
void sn_cli_socket_renew(struct sn_cli_socket *socket);
/* Why there is no connection; NULL while there is one. */
const char *sn_cli_socket_trouble(const struct sn_cli_socket *socket);
void sn_cli_socket_close(struct sn_cli_socket *socket);

#endif
