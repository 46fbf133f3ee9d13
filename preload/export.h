/* What the recorder's library shows to others; the rest is hidden (-fvisibility=hidden). */
#ifndef GRAPHPROF_EXPORT_H
#define GRAPHPROF_EXPORT_H

#define GP_EXPORT __attribute__((visibility("default")))

#endif
