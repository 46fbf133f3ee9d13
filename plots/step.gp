# One step of `nodes` in time, for figures that show it:
#   $step            a row a node, in order: begin (ms), phase, peak (MiB), then for each role the
#                    peak's bytes of it and of all roles below it (MiB); a last row ends the step
#   step_ms          how long the step takes: the sum of the nodes' median times
#   top, peak_mib    the highest peak, in bytes and MiB; peak_ms, peak_name: where it is
#   PHASE_ms[i], PHASE_middle[i]   how long phase i takes, and the middle of its time
stats nodes using (is_op(strcol('node_type')) ? column('median_peak_mem_bytes') : NaN) nooutput name 'TOP'
top = TOP_max
peak_mib = top / MiB
peak_name = ''
now = 0.0
array PHASE_ms[4] = [0, 0, 0, 0]
array PHASE_middle[4] = [0, 0, 0, 0]
stacked(i) = (sum [j = 1:i] peak_of(j)) / MiB
note_peak(bytes) = bytes == top && peak_name eq '' ? (peak_name = strcol('name'), peak_ms = now) : 0
note_phase(i, ms) = (PHASE_ms[i] = PHASE_ms[i] + ms, PHASE_middle[i] = PHASE_middle[i] + ms * (now + ms / 2), i)
pass(ms) = (begin = now, now = now + ms, begin)
phase_here(ms) = note_phase(phase_of(strcol('gtype')), ms)

# in one row: first what needs the node's begin, then time passes
columns = "(note_peak(column('median_peak_mem_bytes')), phase_now = phase_here(column('median_run_time_ms')), "
columns = columns."pass(column('median_run_time_ms'))):(phase_now):(column('median_peak_mem_bytes') / MiB)"
do for [i = 1:n_roles] { columns = columns.sprintf(':(stacked(%d))', i) }
set table $step
eval "plot nodes using ".columns." with table if (is_op(strcol('node_type')))"
unset table
step_ms = now
set print $step append
last_row = sprintf('%.9g 4 0', step_ms)
do for [i = 1:n_roles] { last_row = last_row.' 0' }
print last_row
unset print
do for [i = 1:4] { if (PHASE_ms[i] > 0) { PHASE_middle[i] = PHASE_middle[i] / PHASE_ms[i] } }
set datafile separator whitespace
set datafile nocolumnheaders
