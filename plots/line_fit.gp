# The straight line of least squares through (BATCH[i], Y[i]): gives slope, intercept and r2.
mean_x = (sum [i = 1:n_batches] BATCH[i]) / real(n_batches)
mean_y = (sum [i = 1:n_batches] Y[i]) / real(n_batches)
xx = sum [i = 1:n_batches] (BATCH[i] - mean_x)**2
xy = sum [i = 1:n_batches] (BATCH[i] - mean_x) * (Y[i] - mean_y)
yy = sum [i = 1:n_batches] (Y[i] - mean_y)**2
slope = xx > 0 ? xy / xx : 0
intercept = mean_y - slope * mean_x
rest = sum [i = 1:n_batches] (Y[i] - intercept - slope * BATCH[i])**2
r2 = yy > 0 ? 1 - rest / yy : 1
