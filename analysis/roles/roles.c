#include "roles/roles.h"

#include "graphprof/capture_format.h"

#define USED (EVIDENCE_READ | EVIDENCE_WRITE | EVIDENCE_TOUCH | EVIDENCE_SCRATCH)

/* What the lifetime rules ask. */
struct life {
    unsigned forward; /* EVIDENCE_* bits by phase */
    unsigned backward;
    unsigned optimizer;
    enum gtype made;
    enum gtype freed;
    bool made_in_step;
    bool freed_in_step;
    bool freed_in_call;
    bool from_host;
};

static struct life life_of(const struct tensor *tensor, const struct nodes *nodes)
{
    const struct evidence *evidence = &tensor->evidence;
    struct life life = {
        .forward = evidence->uses[GTYPE_FORWARD],
        .backward = evidence->uses[GTYPE_BACKWARD],
        .optimizer = evidence->uses[GTYPE_OPTIMIZER],
        .made_in_step = tensor->id.when == WHEN_STEP,
        .from_host = evidence->from_host,
    };
    if (life.made_in_step)
        life.made = nodes_gtype(nodes, tensor->id.node);
    uint64_t freed = 0;
    for (int g = 0; g < GTYPE_COUNT; g++) {
        freed += tensor->freed_in[g];
        if (tensor->freed_in[g] > tensor->freed_in[life.freed])
            life.freed = (enum gtype)g;
    }
    life.freed_in_step = 2 * freed > tensor->allocations;
    life.freed_in_call = 2 * tensor->freed_in_call > tensor->allocations;
    return life;
}

static bool read_in(unsigned uses) { return (uses & (EVIDENCE_READ | EVIDENCE_TOUCH)) != 0; }

/* Lives through two gaps or more. GP_ROLE_OTHER: no rule applies. */
static enum gp_role role_of_persistent(const struct life *life)
{
    unsigned used = life->forward | life->backward;
    if (!used && (life->optimizer & USED || life->made == GTYPE_OPTIMIZER))
        return GP_ROLE_OPT_STATE;
    if (read_in(life->forward) && life->optimizer)
        return GP_ROLE_PARAMETER;
    if (!life->forward && life->backward && life->optimizer)
        return GP_ROLE_GRADIENT;
    if (life->from_host && read_in(life->forward))
        return GP_ROLE_INPUT;
    if (used == EVIDENCE_READ && !life->optimizer)
        return GP_ROLE_BUFFER; /* a constant of the model */
    if (life->forward)
        return GP_ROLE_ACTIVATION; /* of a program that allocates once */
    return life->backward ? GP_ROLE_ACTIVATION_GRAD : GP_ROLE_OTHER;
}

static enum gp_role role_of_transient(const struct life *life)
{
    if (life->freed_in_call)
        return GP_ROLE_WORKSPACE;
    bool outlives_backward = !life->freed_in_step || life->freed != GTYPE_BACKWARD;
    if (life->made == GTYPE_BACKWARD && (life->optimizer || outlives_backward))
        return GP_ROLE_GRADIENT;
    if (life->made == GTYPE_BACKWARD)
        return GP_ROLE_ACTIVATION_GRAD;
    if (!life->forward && life->backward && life->optimizer)
        return GP_ROLE_GRADIENT;
    if (life->from_host && read_in(life->forward))
        return GP_ROLE_INPUT;
    if (life->made == GTYPE_FORWARD)
        return GP_ROLE_ACTIVATION;
    /* Made in no phase, as a loss often is, and gone when backward has used it. */
    if (life->made_in_step && life->made == GTYPE_OTHER && life->freed == GTYPE_BACKWARD &&
        life->freed_in_step)
        return GP_ROLE_ACTIVATION;
    return GP_ROLE_OTHER;
}

/* The role that operands prove or suggest; GP_ROLE_ANY if they say nothing. */
static unsigned role_by_operand(const struct tensor *tensor)
{
    const struct evidence *evidence = &tensor->evidence;
    unsigned strong = evidence->strong;
    if (evidence->mixed)
        return GP_ROLE_ANY;
    /* AddTensor and its like take an activation for what is mostly a bias. */
    bool only = strong == 1u << GP_ROLE_PARAMETER;
    if (strong & 1u << GP_ROLE_PARAMETER && (only || tensor->life == TENSOR_PERSISTENT))
        return GP_ROLE_PARAMETER;
    static const enum gp_role outrank[] = {GP_ROLE_BUFFER, GP_ROLE_OPT_STATE, GP_ROLE_GRADIENT};
    for (unsigned i = 0; i < sizeof outrank / sizeof outrank[0]; i++)
        if (strong & 1u << outrank[i])
            return outrank[i];
    if (evidence->first_strong != EVIDENCE_NO_ROLE)
        return evidence->first_strong;
    if (evidence->weak == GP_ROLE_ACTIVATION) {
        unsigned forward = evidence->uses[GTYPE_FORWARD];
        bool fixed =
            tensor->life == TENSOR_PERSISTENT && !(forward & (EVIDENCE_WRITE | EVIDENCE_TOUCH));
        return evidence->from_host || fixed ? GP_ROLE_INPUT : GP_ROLE_ACTIVATION;
    }
    return evidence->weak != EVIDENCE_NO_ROLE ? evidence->weak : (unsigned)GP_ROLE_ANY;
}

static bool is_used(const struct evidence *evidence)
{
    unsigned uses = 0;
    for (int g = 0; g < GTYPE_COUNT; g++)
        uses |= evidence->uses[g];
    return uses != 0;
}

/* Whether the program's tensors are blocks of a caching allocator. */
static bool has_blocks(const struct tensors *tensors)
{
    for (size_t i = 0; i < tensors->n_tensors; i++)
        if (tensors->tensors[i].space == GP_SPACE_BLOCK)
            return true;
    return false;
}

/*
 * Beside a caching allocator's blocks, physical memory that holds none and that no call names is a
 * library's: NCCL's buffers are so taken. No other layer tells, for the runtime takes none.
 */
static bool is_library_physical(const struct tensor *tensor, bool blocks)
{
    return blocks && tensor->space == GP_SPACE_PHYSICAL && !is_used(&tensor->evidence);
}

static void decide(struct tensor *tensor, const struct nodes *nodes, bool blocks)
{
    if (tensor->evidence.marked) {
        tensor->role = (enum gp_role)tensor->evidence.mark_role;
        tensor->role_source = ROLE_SOURCE_NVTX;
        return;
    }
    if (tensor->library) {
        tensor->role = GP_ROLE_LIBRARY;
        tensor->role_source = ROLE_SOURCE_LIBRARY;
        return;
    }
    unsigned role = role_by_operand(tensor);
    if (role != GP_ROLE_ANY) {
        tensor->role = (enum gp_role)role;
        tensor->role_source = ROLE_SOURCE_OPERAND;
        return;
    }
    if (tensor->evidence.mixed)
        return;
    if (is_library_physical(tensor, blocks)) {
        tensor->role = GP_ROLE_LIBRARY;
        tensor->role_source = ROLE_SOURCE_LIFETIME;
        return;
    }
    struct life life = life_of(tensor, nodes);
    tensor->role =
        tensor->life == TENSOR_PERSISTENT ? role_of_persistent(&life) : role_of_transient(&life);
    if (tensor->role != GP_ROLE_OTHER)
        tensor->role_source = ROLE_SOURCE_LIFETIME;
}

void roles_decide(struct tensors *tensors, const struct nodes *nodes)
{
    const bool blocks = has_blocks(tensors);
    for (size_t i = 0; i < tensors->n_tensors; i++)
        decide(&tensors->tensors[i], nodes, blocks);
}
