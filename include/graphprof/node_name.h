/*
 * The NVTX naming contract between a program and graphprof. A program that follows it gets steps,
 * phases and node names exactly as it means them; nothing here needs graphprof to be present.
 *
 *   range  "step 12"                         a training step; any name matching GRAPHPROF_STEP
 *     range  "forward" | "backward" | "optimizer"   the phase (gtype) of all ranges inside it
 *       range  "layer3.22.conv2"             a node; its path below the step is its name
 *   mark   "graphprof.tensor ptr=0x7f.. role=parameter name=layer1.0.conv1.weight"
 *                                            optional: says role and name of the live allocation
 *                                            that holds ptr; wins over every inference
 */
#ifndef GRAPHPROF_NODE_NAME_H
#define GRAPHPROF_NODE_NAME_H

#define GP_RANGE_STEP_FORMAT "step %d"
#define GP_RANGE_FORWARD     "forward"
#define GP_RANGE_BACKWARD    "backward"
#define GP_RANGE_OPTIMIZER   "optimizer"

/* Default of GRAPHPROF_STEP: fnmatch(3) patterns, separated by commas, tried in turn. */
#define GP_STEP_PATTERNS_DEFAULT "step*,iter*"

/* The domain of the ranges that graphprof's own hooks (python/) set. They count beside those of the
   steps' domain, and those of the default domain beside them. */
#define GP_DOMAIN_OWN "graphprof"

#define GP_MARK_TENSOR_PREFIX "graphprof.tensor "

/* Work outside any range inside a step belongs to this node; it is never dropped. */
#define GP_NODE_NO_RANGE "(no range)"

#endif
