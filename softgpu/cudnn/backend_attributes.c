/* The graph API's attributes: setting them, asking for them. */
#include "backend.h"

#include "status.h"

#include <string.h>

enum need {
    NEEDED,
    OPTIONAL_ONE,
    ANSWERED /* asked for, never set */
};

/* In the place of a child's type: any of the operations. */
enum {
    CUDNN_BACKEND_ANY_OPERATION_DESCRIPTOR = -1
};

static const struct attribute {
    cudnnBackendDescriptorType_t of;
    cudnnBackendAttributeName_t name;
    const char *text;
    cudnnBackendAttributeType_t type;
    int child; /* type of a CUDNN_TYPE_BACKEND_DESCRIPTOR */
    int64_t elements;
    size_t offset; /* in the body */
    enum need need;
} attributes[BACKEND_ATTRIBUTES] = {
#define ROW(of, name, type, child, elements, field, need)                                          \
    {CUDNN_BACKEND_##of##_DESCRIPTOR,                                                              \
     CUDNN_ATTR_##name,                                                                            \
     "CUDNN_ATTR_" #name,                                                                          \
     CUDNN_TYPE_##type,                                                                            \
     child,                                                                                        \
     elements,                                                                                     \
     offsetof(struct backend_body, field),                                                         \
     need},
#define ATTRIBUTE(of, name, type, elements, field) ROW(of, name, type, 0, elements, field, NEEDED)
#define OPTIONAL(of, name, type, elements, field)                                                  \
    ROW(of, name, type, 0, elements, field, OPTIONAL_ONE)
#define ANSWER(of, name, type, elements, field) ROW(of, name, type, 0, elements, field, ANSWERED)
#define CHILD(of, name, child, field)                                                              \
    ROW(of, name, BACKEND_DESCRIPTOR, CUDNN_BACKEND_##child##_DESCRIPTOR, 1, field, NEEDED)
#define ANSWER_CHILD(of, name, child, field)                                                       \
    ROW(of, name, BACKEND_DESCRIPTOR, CUDNN_BACKEND_##child##_DESCRIPTOR, 1, field, ANSWERED)
#include "backend_attributes.def"
};

static size_t element_bytes(cudnnBackendAttributeType_t type)
{
    switch (type) {
    case CUDNN_TYPE_INT64:
        return sizeof(int64_t);
    case CUDNN_TYPE_FLOAT:
        return sizeof(float);
    case CUDNN_TYPE_HANDLE:
        return sizeof(cudnnHandle_t);
    case CUDNN_TYPE_VOID_PTR:
        return sizeof(void *);
    default: /* an enum */
        return sizeof(cudnnDataType_t);
    }
}

static bool is_operation(cudnnBackendDescriptorType_t type)
{
    return type == CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR ||
           type == CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR ||
           type == CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR;
}

/* The part of a child's body that its parents hold. */
static void *part_of(struct backend_descriptor *child, size_t *bytes)
{
    if (child->type == CUDNN_BACKEND_TENSOR_DESCRIPTOR) {
        *bytes = sizeof(child->body.tensor);
        return &child->body.tensor;
    }
    if (child->type == CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR) {
        *bytes = sizeof(child->body.convolution);
        return &child->body.convolution;
    }
    if (is_operation(child->type)) {
        *bytes = sizeof(child->body.operation);
        return &child->body.operation;
    }
    *bytes = sizeof(child->body.graph);
    return &child->body.graph;
}

bool backend_has_type(cudnnBackendDescriptorType_t type)
{
    for (int i = 0; i < BACKEND_ATTRIBUTES; i++)
        if (attributes[i].of == type)
            return true;
    return false;
}

const char *backend_missing(const struct backend_descriptor *descriptor)
{
    for (int i = 0; i < BACKEND_ATTRIBUTES; i++)
        if (attributes[i].of == descriptor->type && attributes[i].need == NEEDED &&
            descriptor->count[i] == 0)
            return attributes[i].text;
    return NULL;
}

/* The row, or NULL after a line that says why not. */
static const struct attribute *find(const char *function,
                                    const struct backend_descriptor *descriptor,
                                    cudnnBackendAttributeName_t name,
                                    cudnnBackendAttributeType_t type, cudnnStatus_t *status)
{
    const struct attribute *row = attributes;

    while (row < attributes + BACKEND_ATTRIBUTES &&
           (row->of != descriptor->type || row->name != name))
        row++;
    if (row == attributes + BACKEND_ATTRIBUTES) {
        *status = refuse(CUDNN_STATUS_NOT_SUPPORTED, function,
                         "attribute %d of descriptor type %d (cudnn_graph.h has their names)",
                         (int)name, (int)descriptor->type);
        return NULL;
    }
    if (row->type != type) {
        *status = refuse(CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE, function,
                         "%s is of type %d, not %d", row->text, (int)row->type, (int)type);
        return NULL;
    }
    return row;
}

static bool is_child(const struct attribute *row, const struct backend_descriptor *child)
{
    return child != NULL &&
           (row->child == CUDNN_BACKEND_ANY_OPERATION_DESCRIPTOR ? is_operation(child->type)
                                                                 : (int)child->type == row->child);
}

cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor,
                                       cudnnBackendAttributeName_t attributeName,
                                       cudnnBackendAttributeType_t attributeType,
                                       int64_t elementCount, const void *arrayOfElements)
{
    struct backend_descriptor *to = descriptor;
    const struct attribute *row;
    cudnnStatus_t status = CUDNN_STATUS_SUCCESS;
    char *field;

    if (to == NULL || arrayOfElements == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "a pointer is missing");
    if (to->finalized)
        return REFUSE(CUDNN_STATUS_NOT_INITIALIZED, "the descriptor is finalized");
    row = find(__func__, to, attributeName, attributeType, &status);
    if (row == NULL)
        return status;
    if (row->need == ANSWERED)
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "%s cannot be set", row->text);
    if (elementCount < 1)
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "%d elements of %s", (int)elementCount, row->text);
    if (elementCount > row->elements)
        return REFUSE(CUDNN_STATUS_NOT_SUPPORTED, "%d elements of %s, %d at most",
                      (int)elementCount, row->text, (int)row->elements);
    field = (char *)&to->body + row->offset;
    if (row->type == CUDNN_TYPE_BACKEND_DESCRIPTOR) {
        struct backend_descriptor *child = *(const cudnnBackendDescriptor_t *)arrayOfElements;
        size_t bytes;
        const void *part;

        if (!is_child(row, child))
            return REFUSE(CUDNN_STATUS_BAD_PARAM_DESCRIPTOR_TYPE, "a descriptor of type %d as %s",
                          child != NULL ? (int)child->type : -1, row->text);
        if (!child->finalized)
            return REFUSE(CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED, "%s is not finalized", row->text);
        part = part_of(child, &bytes);
        memcpy(field, part, bytes);
    } else {
        memcpy(field, arrayOfElements, (size_t)elementCount * element_bytes(row->type));
    }
    to->count[row - attributes] = elementCount;
    return CUDNN_STATUS_SUCCESS;
}

/* Makes `child` what `part` says, finalized. */
static void fill_child(struct backend_descriptor *child, const void *part)
{
    size_t bytes;
    void *place = part_of(child, &bytes);

    memcpy(place, part, bytes);
    for (int i = 0; i < BACKEND_ATTRIBUTES; i++)
        if (attributes[i].of == child->type && attributes[i].need == NEEDED)
            child->count[i] = 1;
    child->finalized = true;
}

/* Descriptors are the caller's: it makes them, and this fills them. */
cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t const descriptor,
                                       cudnnBackendAttributeName_t attributeName,
                                       cudnnBackendAttributeType_t attributeType,
                                       int64_t requestedElementCount, int64_t *elementCount,
                                       void *arrayOfElements)
{
    struct backend_descriptor *from = descriptor;
    const struct attribute *row;
    cudnnStatus_t status = CUDNN_STATUS_SUCCESS;
    const char *field;
    int64_t count;

    if (from == NULL || (requestedElementCount > 0 && arrayOfElements == NULL))
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "a pointer is missing");
    if (!from->finalized)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED, "the descriptor is not finalized");
    row = find(__func__, from, attributeName, attributeType, &status);
    if (row == NULL)
        return status;
    count = row->need == ANSWERED ? row->elements : from->count[row - attributes];
    if (elementCount != NULL)
        *elementCount = count;
    if (count > requestedElementCount)
        count = requestedElementCount;
    field = (const char *)&from->body + row->offset;
    if (row->type == CUDNN_TYPE_BACKEND_DESCRIPTOR && count > 0) {
        struct backend_descriptor *child = *(const cudnnBackendDescriptor_t *)arrayOfElements;

        if (!is_child(row, child))
            return REFUSE(CUDNN_STATUS_BAD_PARAM_DESCRIPTOR_TYPE, "a descriptor of type %d for %s",
                          child != NULL ? (int)child->type : -1, row->text);
        fill_child(child, field);
    } else if (count > 0) {
        memcpy(arrayOfElements, field, (size_t)count * element_bytes(row->type));
    }
    return CUDNN_STATUS_SUCCESS;
}
