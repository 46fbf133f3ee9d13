# What is built from preload/.
