/* Whole names of kernels as one reads them: captures have their symbols, which C++ mangles. The
 * function's own name alone: gp_kernel_plain_name (graphprof/call_name.h). */
#ifndef ANALYSIS_BASE_KERNEL_NAME_H
#define ANALYSIS_BASE_KERNEL_NAME_H

#define KERNEL_NAME_BYTES 4096

/*
 * Of `_ZN2at6native3addIfEEvPT_`: `at::native::add<float>`, without what it returns (nothing) and
 * its parameters. Written to `to` and returned; the symbol itself if it is none of C++'s or its
 * name does not fit.
 */
const char *kernel_name_full(const char *symbol, char to[KERNEL_NAME_BYTES]);

#endif
