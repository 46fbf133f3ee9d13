# The look of a figure of horizontal bars, one a row of TOP_*, the largest on top, names on the left.
has_phase(i) = (sum [k = 1:n_top] (TOP_phase[k] == i)) > 0
set yrange [n_top - 0.4:-0.6]
set xrange [0:*]
set ytics scale 0 font ',10'
set ytics ("" 0)
do for [k = 1:n_top] { set ytics add (TOP_name[k] k - 1) }
set grid noytics xtics
set key at screen 0.98, 0.955 right top horizontal width 1
