# What is built from workload/.
