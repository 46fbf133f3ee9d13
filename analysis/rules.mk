# What is built from analysis/.
