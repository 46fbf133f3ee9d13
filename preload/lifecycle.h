/* The recorder's beginning and end in a process. */
#ifndef GRAPHPROF_LIFECYCLE_H
#define GRAPHPROF_LIFECYCLE_H

#include <stdbool.h>

/* Reads the options and so on; done once, by the constructor or by a call that comes before it. */
void gp_lifecycle_start(void);

/* Whether another copy of this library, loaded under another path, records in this process: then
   this one does nothing but hand over what it is called for. After gp_lifecycle_start. */
bool gp_lifecycle_is_idle(void);

/* From now on GPU work is recorded: what is left of it is fetched when the program exits, before
   the vendor's libraries end. Once. */
void gp_lifecycle_at_exit(void);

#endif
