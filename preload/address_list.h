/* A list of addresses, or of other numbers, as in ADDRESSES and its kin (capture_format.h). */
#ifndef GRAPHPROF_ADDRESS_LIST_H
#define GRAPHPROF_ADDRESS_LIST_H

#include <stdint.h>

/* Writes the list of n addresses to `to`, zeros to a whole word behind it included.
   Words written, at most `most`; 0 if there is no room, in `to` or in a record. */
unsigned gp_address_list_write(uint64_t *to, unsigned most, const uint64_t *addresses, unsigned n);

#endif
