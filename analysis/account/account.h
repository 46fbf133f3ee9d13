/*
 * The second pass: live bytes by role and by node at every event, what each node did in each
 * counted step, on the GPU as well, and which tensors were live at the peak of the reference step.
 * Bytes are those of one device.
 */
#ifndef ANALYSIS_ACCOUNT_ACCOUNT_H
#define ANALYSIS_ACCOUNT_ACCOUNT_H

#include "account/books.h"
#include "account/gpu_time.h"
#include "account/node_steps.h"
#include "roles/identify.h"

/* What was live at the reference step's peak. */
struct peak_account {
    bool reached;
    uint64_t bytes;
    uint64_t by_role[GP_ROLE_COUNT];
    uint64_t by_source[ROLE_SOURCE_COUNT];
    uint64_t persistent; /* of tensors that live through two gaps between steps or more */
};

struct account {
    struct replay replay;
    struct tensors *tensors;
    const struct peak *reference_peak;
    size_t reference_step;
    unsigned device;

    bool counts_step; /* the replay is in a counted step: nothing is gathered in others */
    uint64_t live;
    uint64_t by_role[GP_ROLE_COUNT];
    uint64_t *made_live; /* by node: live bytes that were made in it */
    uint64_t made_live_sum;
    uint64_t ledger_live;     /* while a check sums up the ledger */
    uint64_t checks;          /* of the balance */
    uint64_t violations;      /* of them failed */
    uint64_t first_violation; /* byte offset of the record */

    struct node_steps nodes;
    struct gpu_time gpu;
    struct books books;
    struct peak_account peak;
};

/*
 * Replays the capture once. Set before: `replay`'s capture, facts, steps and nodes; tensors with
 * their roles; reference_step and reference_peak (of `device`).
 */
void account_run(struct account *account);
void account_free(struct account *account);

#endif
