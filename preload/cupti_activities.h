/* CUPTI's records of finished work: buffers for them, and what becomes of them in the capture. */
#ifndef GRAPHPROF_CUPTI_ACTIVITIES_H
#define GRAPHPROF_CUPTI_ACTIVITIES_H

#include <cupti.h>

/* Gives CUPTI the buffers. Once, after gp_cupti_load. */
CUptiResult gp_cupti_activities_start(void);

/* Notes in the capture what CUPTI says that it dropped since the last time. */
void gp_cupti_activities_count_dropped(void);

#endif
