/*
 * What the program's descriptors of cuDNN's graph API say, as far as a call of cudnnBackendExecute
 * needs it: a plan's operands are named in the descriptors that it was made from, and these may be
 * gone by then. Descriptors go by their handles. A tensor has an id; operations, graphs, engines
 * and plans have a signature: which row of the API table the operation is, and which tensor stands
 * in which operand of it. Signatures are kept once each, for good; what is kept of a descriptor is
 * a number, until it is destroyed.
 *
 * Room is bounded: what does not fit is not known, and its calls are recorded without operands. Any
 * thread; the lock is held for no call of the vendor's.
 */
#ifndef GRAPHPROF_GRAPH_TABLE_H
#define GRAPHPROF_GRAPH_TABLE_H

#include <stdint.h>

#include "api_table.h"

/* A pack of more tensors is not kept. */
#define GP_GRAPH_TENSORS_MAX 32

/* The descriptor is new, or about to be destroyed: nothing is known of it. */
void gp_graph_forget(const void *descriptor);

void gp_graph_tensor(const void *descriptor, int64_t id);
/* The tensor stands in an operand (by its name in the row) of the operation, which is of row
   `api`. */
void gp_graph_operand(const void *operation, enum gp_api api, const char *operand,
                      const void *tensor);
/* The operation is none that a row describes, whatever operands it has. */
void gp_graph_unknown(const void *operation);
/* What is known of `from` is known of `to`: a graph of one operation, a plan of that graph. */
void gp_graph_inherit(const void *to, const void *from);

/* What a variant pack gives its tensors, in two calls in any order. */
void gp_graph_pack_ids(const void *pack, const int64_t *ids, int64_t n);
void gp_graph_pack_pointers(const void *pack, void *const *pointers, int64_t n);
void gp_graph_pack_workspace(const void *pack, const void *workspace);

/*
 * The operands of a plan run with a pack: fills `addresses` and returns how many there are. Sets
 * *api to the row they belong to; where that is not known it is `otherwise`, a row with the
 * workspace as its one operand, and all the pack's pointers stand behind that.
 */
#define GP_GRAPH_ADDRESSES_MAX (GP_GRAPH_TENSORS_MAX + 1)
unsigned gp_graph_addresses(const void *plan, const void *pack, enum gp_api otherwise,
                            enum gp_api *api, uint64_t addresses[GP_GRAPH_ADDRESSES_MAX]);

#endif
