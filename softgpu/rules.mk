# What is built from softgpu/.
