/*
 * The capture file: the only tie between the recorder (preload/) and the analysis (analysis/).
 *
 * A file is one struct gp_capture_header, then records, each a whole number of 8-byte words in the
 * byte order of the machine, appended in one order that all threads share: a record stands behind
 * every record that was complete when its event took place. The first word of a record (its head)
 * is stored last, with release order, so a reader may look at any moment: it stops at the first
 * head that is zero. A killed program leaves such a file; nothing needs repair.
 *
 * Head, from the low bit: type 8 | words 12 (the head included) | thread 12 | delta 32.
 * Where the type has the bit GP_SHORT the record is in its short form (graphprof/short_form.h), and
 * its head: type 8 | words 4 | high bits of delta 8 | thread 12 | low bits of delta 16 | kind 16.
 * `thread` is an index that a THREAD record gives a meaning (an index is used again once its
 * thread has ended). `delta` is the time in ns since the record before it of the same thread;
 * THREAD and TIME records carry the absolute CLOCK_MONOTONIC time and a delta of 0, and a TIME
 * record is written where a delta would not fit.
 *
 * A reader skips types that it does not know. GP_CAPTURE_VERSION changes when a reader of the
 * version before would go wrong.
 */
#ifndef GRAPHPROF_CAPTURE_FORMAT_H
#define GRAPHPROF_CAPTURE_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#define GP_CAPTURE_MAGIC     "GPCAPT\r\n" /* 8 bytes, no terminator in the file */
#define GP_CAPTURE_OLDEST    1u /* 2: there may be REPEAT records; 3: records in short form; */
#define GP_CAPTURE_VERSION   4u /* 4: ADDRESSES_LEFT, ORDER */
#define GP_CAPTURE_FILE_NAME "capture.gpcap"

#define GP_CAPTURE_TRUNCATED 1u /* flags: recording stopped early (disk full, limit reached) */
#define GP_CAPTURE_CLOSED    2u /* flags: the program ended in good order */

struct gp_capture_header {
    char magic[8];
    uint32_t version;
    uint32_t header_bytes; /* where the first record stands */
    uint32_t pid;
    uint32_t flags;             /* GP_CAPTURE_*; written while recording */
    uint64_t start_realtime_ns; /* CLOCK_REALTIME and CLOCK_MONOTONIC at the same moment */
    uint64_t start_monotonic_ns;
    uint64_t events_lost; /* events that could not be written; kept up to date */
    uint64_t self_ns;     /* time spent inside the recorder, over all threads; kept up to date */
    uint64_t reserved[8];
};

enum gp_record_type {
#define GP_RECORD(id, number, words) GP_RECORD_##id = number,
#include "graphprof/records.def"
#undef GP_RECORD
};

#define GP_RECORD_WORDS_MAX 4095u
#define GP_THREADS_MAX      4096u
#define GP_STRING_BYTES_MAX 4000u /* longer names are cut */

#define GP_SHORT           0x80u
#define GP_SHORT_WORDS_MAX 15u
#define GP_SHORT_DELTA_MAX 0xffffffu
#define GP_KINDS_MAX       65536u

static inline uint64_t gp_head(enum gp_record_type type, uint32_t words, uint32_t thread,
                               uint32_t delta_ns)
{
    return (uint64_t)type | (uint64_t)words << 8 | (uint64_t)thread << 20 |
           (uint64_t)delta_ns << 32;
}
static inline uint64_t gp_short_head(enum gp_record_type type, uint32_t words, uint32_t thread,
                                     uint32_t delta_ns, uint32_t kind)
{
    return (uint64_t)type | GP_SHORT | (uint64_t)words << 8 | (uint64_t)(delta_ns >> 16) << 12 |
           (uint64_t)thread << 20 | (uint64_t)(delta_ns & 0xffff) << 32 | (uint64_t)kind << 48;
}
/* Without GP_SHORT. */
static inline uint32_t gp_head_type(uint64_t head) { return (uint32_t)(head & 0x7f); }
static inline bool gp_head_is_short(uint64_t head) { return head & GP_SHORT; }
static inline uint32_t gp_head_words(uint64_t head)
{
    return (uint32_t)(head >> 8 & (gp_head_is_short(head) ? GP_SHORT_WORDS_MAX : 0xfff));
}
static inline uint32_t gp_head_thread(uint64_t head) { return (uint32_t)(head >> 20 & 0xfff); }
static inline uint32_t gp_short_delta(uint64_t head)
{
    return (uint32_t)(head >> 12 & 0xff) << 16 | (uint32_t)(head >> 32 & 0xffff);
}
static inline uint32_t gp_head_delta(uint64_t head)
{
    return gp_head_is_short(head) ? gp_short_delta(head) : (uint32_t)(head >> 32);
}
static inline uint32_t gp_head_kind(uint64_t head) { return (uint32_t)(head >> 48); }

/* What kind of call an API row is (struct gp_record_api.class_id). */
enum gp_api_class {
    GP_CLASS_ALLOC = 1,
    GP_CLASS_FREE,
    GP_CLASS_LAUNCH, /* a kernel of the program's own; aux is the kernel's name */
    GP_CLASS_COMPUTE,
    GP_CLASS_COPY, /* operand 0 is written, operand 1 (if any) read */
    GP_CLASS_SYNC,
    GP_CLASS_CALL,   /* anything else */
    GP_CLASS_LIBRARY /* as ALLOC: memory that a library takes for itself */
};

/* How a call uses an operand. TOUCH: read or written, not known which (kernel parameters). */
enum gp_operand_mode {
    GP_MODE_READ = 1,
    GP_MODE_WRITE,
    GP_MODE_ACCUMULATE, /* read and written */
    GP_MODE_SCRATCH,
    GP_MODE_TOUCH
};

/* Where an allocation lives. All but HOST count as device memory. A BLOCK lies inside another
   allocation, a segment: of the two, the block is what is live (replay/segments.h). */
enum gp_space {
    GP_SPACE_DEVICE = 1, /* cudaMalloc and its kin */
    GP_SPACE_POOL,       /* stream-ordered: cudaMallocAsync and its kin */
    GP_SPACE_MANAGED,
    GP_SPACE_ARRAY, /* address is the opaque handle, bytes the texels' without padding */
    GP_SPACE_HOST,  /* pinned or registered */
    GP_SPACE_BLOCK, /* given out by a framework's caching allocator, from a segment that it holds */
    GP_SPACE_GRAPH, /* given out by a launch of a CUDA graph; in no ALLOC record */
    GP_SPACE_PHYSICAL /* the driver's cuMemCreate: address is the handle; MAP says where it lies */
};

/* What the GPU did, or was asked to do. */
enum gp_gpu_work {
    GP_GPU_KERNEL = 1,
    GP_GPU_COPY,
    GP_GPU_SET
};

/* When a DEVICE_SAMPLE was taken. From BEFORE_CALL on inside steps too, where GRAPHPROF_PROBE_STEP
   asks for it. */
enum gp_sample_moment {
    GP_SAMPLE_STEP_END,      /* the only one in captures of before there were others */
    GP_SAMPLE_STEP_BEGIN,    /* before the first step, and before the one that is probed */
    GP_SAMPLE_BEFORE_FIRST,  /* before the program's first allocation */
    GP_SAMPLE_AFTER_FIRST,   /* behind its record */
    GP_SAMPLE_BEFORE_HANDLE, /* before a library's handle is made, which takes memory */
    GP_SAMPLE_AFTER_HANDLE,
    GP_SAMPLE_BEFORE_CALL, /* around any other call that is intercepted: it may load modules */
    GP_SAMPLE_AFTER_CALL,
    GP_SAMPLE_PROBE /* in the step that is probed, behind an allocation's record */
};

/* What becomes of a CUDA graph. */
enum gp_graph_event {
    GP_GRAPH_CREATED = 1,  /* empty */
    GP_GRAPH_CAPTURE,      /* the thread begins to capture into a new one */
    GP_GRAPH_CAPTURE_INTO, /* or into one that is there */
    GP_GRAPH_CAPTURED,     /* it has ended its capture; graph 0: nothing came of it */
    GP_GRAPH_INSTANTIATED, /* exec is made of it; flags are cudaGraphInstantiate's */
    GP_GRAPH_LAUNCHED,     /* exec is; its nodes' work has the CORRELATION before this record */
    GP_GRAPH_NESTED,       /* exec is captured into graph, as one node that holds it */
    GP_GRAPH_EXEC_ENDS,
    GP_GRAPH_ENDS
};

/* Whose memory gp_record_device_sample.nvml_used_bytes is. */
enum gp_nvml_scope {
    GP_NVML_UNKNOWN,
    GP_NVML_PROCESS,
    GP_NVML_DEVICE /* of all processes, where this one is not in NVML's list (containers) */
};

/* The records' payloads, behind the head. Names are in records.def. */

struct gp_record_thread {
    uint64_t monotonic_ns;
    uint64_t os_tid;
};
struct gp_record_time {
    uint64_t monotonic_ns;
};
struct gp_record_string { /* then `length` bytes, zero-padded to a word; no terminator */
    uint32_t id;          /* ids start at 1 and are given once; 0 is no string */
    uint32_t length;
};
struct gp_record_api { /* then n_operands of gp_record_api_operand; written before any use */
    uint16_t api;
    uint8_t class_id;
    uint8_t n_operands;
    uint32_t name;
};
struct gp_record_api_operand {
    uint8_t mode;
    uint8_t role; /* enum gp_role, or GP_ROLE_ANY */
    uint16_t reserved;
    uint32_t name;
};
struct gp_record_text { /* a fact about the run. Keys: program, command, host, pid, rank (0 outside
                           parallel jobs), world_size (if known), cwd, start (UTC); an option's
                           variable; cudart, driver, cudnn, cublas (versions); softgpu (yes); cupti
                           (yes, or why not); gpu_time (event: KERNEL records are spans between
                           CUDA events) */
    uint32_t key;
    uint32_t value;
};
struct gp_record_device {
    uint32_t device;
    uint32_t name;
    uint64_t total_bytes;
};
struct gp_record_alloc {
    uint64_t address;
    uint64_t bytes; /* as requested */
    uint16_t api;
    uint8_t device;
    uint8_t space;
    uint32_t stream; /* a tag: the same for the same stream, 0 the default stream */
};
struct gp_record_free { /* written before the real call; never for a null pointer */
    uint64_t address;
    uint16_t api;
    uint8_t device; /* the current one; the ledger goes by the allocation's */
    uint8_t space;
    uint32_t stream;
};
struct gp_record_free_failed { /* the real call refused the free noted before: undo it */
    uint64_t address;
};
struct gp_record_map { /* physical memory lies there from now on; written after the call. Its ALLOC
                          and FREE name the handle; it lives on after the FREE until it is mapped
                          nowhere */
    uint64_t address;
    uint64_t bytes;  /* 0: no mapping, but a further handle of it, with a FREE of its own */
    uint64_t handle; /* 0: what lay in these bytes is unmapped */
};
struct gp_record_range { /* PUSH and POP; a POP's name is 0 */
    uint32_t name;
    uint32_t domain; /* string id of the domain's name, 0 the default domain */
};
struct gp_record_range_start { /* START and END; an END's name is 0 */
    uint64_t range;            /* unique among open ranges of the process */
    uint32_t name;
    uint32_t domain;
};
struct gp_record_mark {
    uint32_t name;
    uint32_t domain;
};
struct gp_record_call { /* then n_operands addresses (0: not given), as in the api's record, or
                           fewer; those behind the api's own are TOUCH operands: the pointers in a
                           LAUNCH's parameters, the tensors of a cudnnBackendExecute */
    uint16_t api;
    uint16_t n_operands;
    uint32_t aux; /* LAUNCH: string id of the kernel's name; else 0 */
};
struct gp_record_device_reset {
    uint64_t device;
};
struct gp_record_detail { /* from here on ranges other than steps, calls, and marks other than
                             tensor marks are recorded (1) or not (0); written before the step's
                             PUSH or START. A capture begins with 1 */
    uint64_t on;
};
/* What the driver, the default pool and NVML say at one moment. */
struct gp_record_device_sample {
    uint8_t device;
    uint8_t moment;     /* enum gp_sample_moment */
    uint8_t nvml_scope; /* enum gp_nvml_scope */
    uint8_t reserved[5];
    uint64_t free_bytes; /* UINT64_MAX: not known, in each field */
    uint64_t total_bytes;
    uint64_t pool_used_bytes;
    uint64_t pool_used_high_bytes;
    uint64_t pool_reserved_bytes;
    uint64_t pool_reserved_high_bytes;
    uint64_t nvml_used_bytes; /* older captures end before it */
};
struct gp_record_close {
    uint64_t records; /* in the capture, this one included; threads that are in the middle of a
                         record when the program ends may come behind it */
};
/* From here on work is timed on the GPU (1) or not (0); written before the step's PUSH or START,
   and where a pushed step has ended. A capture begins with 0. */
struct gp_record_timed {
    uint64_t on;
    uint64_t gpu_clock_ns; /* the clock of KERNEL records at this record's time; 0: not known */
};
/* Work is about to be submitted by this thread, inside the ranges that it has open. The KERNEL
   records with that number say what came of it: none if the call failed or had nothing to do, many
   for a graph. */
struct gp_record_correlation {
    uint32_t correlation;
    uint32_t work; /* enum gp_gpu_work */
};
/* A kernel, copy or fill that has run, in timed work; or a span between two CUDA events, of kind
   KERNEL and named "(events)", under a number of the recorder's own (0: it was lost). Written some
   time after it ended, by whatever thread CUPTI hands it over in, or by one that begins a step. */
struct gp_record_kernel {
    uint32_t correlation;
    uint32_t name;
    uint64_t start_ns; /* on CUPTI's clock; of spans, about CLOCK_MONOTONIC */
    uint64_t end_ns;
    uint32_t stream; /* CUPTI's number of the stream; of spans, its tag */
    uint8_t work;    /* enum gp_gpu_work */
    uint8_t device;
    uint16_t reserved;
    uint64_t
        graph_node; /* of GRAPH_NODE; 0: not launched by a graph, and the record may end before */
};
/* Work that ran without a KERNEL record, or whose times are not known. */
struct gp_record_gpu_lost {
    uint64_t records;
};
/* Graphs and executable graphs by their handles, 0: none. A handle may be given out again. */
struct gp_record_graph {
    uint64_t graph;
    uint64_t exec;
    uint32_t what; /* enum gp_graph_event */
    uint32_t flags;
};
/* A node that gives out memory, or takes it back, behind the graph's others. The address is the
   same in each launch. A refused free is followed by FREE_FAILED. */
struct gp_record_graph_memory {
    uint64_t graph;
    uint64_t address;
    uint64_t bytes; /* 0: it is freed */
    uint16_t api;
    uint8_t device;
    uint8_t reserved[5];
};
/* CUPTI's number of a node that is a kernel, copy or fill; made inside the ranges that the thread
   has open, or a copy of another. Of a copy there may be two records, the second with its original.
 */
struct gp_record_graph_node {
    uint64_t node;
    uint64_t original; /* 0: it is none */
    uint64_t graph;
    uint32_t correlation; /* of the call that was captured, which is no submission then; 0: none */
    uint32_t reserved;
};
/*
 * A step begins; written before anything of it, where the recorder judges steps when they are over
 * (GRAPHPROF_STEPS=auto, from some step on). What stands from here to the next REPEAT (the step and
 * what lies behind it) is first written whole, with `of` GP_REPEAT_WHOLE, and then left so, or
 * taken back: to its outline (GP_REPEAT_OUTLINE: as under DETAIL 0, for this one step), or
 * altogether.
 *
 * `of` is then the place of the REPEAT record of an earlier step, whole or in outline, that this
 * one repeats: of the records of ALLOC and FREE behind that one the first n_inside took place in
 * this step again, the next n_behind behind it, and there are no more; with the same sizes,
 * functions, devices, streams and threads. A block that the earlier step both made and freed had
 * some address or other in this one. The others (blocks that it freed and did not make, and those
 * that it left live), in the order of their records, had the same addresses as in the step `of`
 * where `addresses` is 0, else those of the ADDRESSES or ADDRESSES_LEFT record at that place. The
 * step is a range of this record's thread.
 *
 * The last step of a capture may be found in the middle of being taken back: `void_words` are not 0
 * then, and a reader goes on so many words behind this record; places behind it, in it and in what
 * stands there, are so many words further on as well. Nothing before the last REPEAT ever changes.
 */
struct gp_record_repeat {
    uint32_t of; /* byte offset in the file / 8, or GP_REPEAT_* */
    uint32_t void_words;
    uint64_t begin_ns; /* this and what follows: only where `of` is a place */
    uint64_t end_ns;
    uint32_t name;
    uint32_t domain;
    uint32_t n_inside;
    uint32_t n_behind;
    uint32_t addresses; /* byte offset in the file / 8 */
    uint32_t reserved;
};
/* What records of that type have in common, and the number that stands for it in those in short
   form; written before any use, and given once. It ends before the second word where that is 0. */
struct gp_record_kind {
    uint32_t kind;
    uint32_t type;
    uint64_t words[2];
};
/* Then `bytes` bytes: for each of n addresses its difference to the one before (the first: to 0),
   divided by 2^shift, as a number of 7 bits a byte, the lowest first, the high bit set in all but
   the last byte; the number is 2 d for a difference d from 0 on and -2 d - 1 below. */
struct gp_record_addresses {
    uint32_t n;
    uint16_t bytes;
    uint16_t shift;
};
/* Where a step frees, in the same order each time, what the step before it left live: of its blocks
   those that it left live itself, and no more. The first of those that it freed is in the list
   `before` the one that the first number of the list `order` names, and so on. */
struct gp_record_addresses_left { /* then as in ADDRESSES */
    uint32_t before; /* byte offset in the file / 8: an ADDRESSES or ADDRESSES_LEFT record, whose
                        own addresses alone count, from 0 */
    uint32_t order;  /* the same: an ORDER record */
    struct gp_record_addresses left;
};
/* Then numbers, as ADDRESSES has addresses. */
struct gp_record_order {
    struct gp_record_addresses numbers;
};
#define GP_REPEAT_WHOLE   0u
#define GP_REPEAT_OUTLINE UINT32_MAX

#endif
