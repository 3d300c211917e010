/*
 * engine/server.h: reads requests from the socket and answers them, one at a time, until the client
 * closes it or the idle time is over.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

/* Takes `socket_fd`. Returns the process's exit status: 0 when the client left or the idle time is
 * over, 1 after a broken frame or a failed load (both were told to the client). */
int engine_server_run(int socket_fd);
