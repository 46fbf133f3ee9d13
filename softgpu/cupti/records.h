/* Records of finished work, in the client's buffers. */
#ifndef SOFTGPU_CUPTI_RECORDS_H
#define SOFTGPU_CUPTI_RECORDS_H

/* From now on libcudart tells of each piece of work. */
void records_start(void);

#endif
