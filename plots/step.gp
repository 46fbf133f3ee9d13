# One step of `nodes`, node by node, for figures that show it:
#   $step            a row a node, in order: begin, phase, peak (MiB), then for each role the
#                    peak's bytes of it and of all roles below it (MiB); a last row ends the step
#   top, peak_mib    the highest peak, in bytes and MiB; peak_at, peak_name: where it is
#   step_end         where the step ends: the sum of the nodes' widths
#   PHASE_width[i], PHASE_middle[i]   how wide phase i is, and its middle
# `by` says what a node's width is: its time, or 1 (node). Where the host runs ahead of the card its
# times say little about the order of things, so that there the default is node.
if (!exists('by')) by = on_host ? 'node' : 'time'
if (by ne 'time' && by ne 'node') print "plots: by: expected time or node, found ".by; exit status 2
width_of(ms) = by eq 'time' ? ms : 1.0
stats nodes using (is_op(strcol('node_type')) ? column('median_peak_mem_bytes') : NaN) nooutput name 'TOP'
top = TOP_max
peak_mib = top / MiB
peak_name = ''
now = 0.0
array PHASE_width[4] = [0, 0, 0, 0]
array PHASE_middle[4] = [0, 0, 0, 0]
stacked(i) = (sum [j = 1:i] peak_of(j)) / MiB
note_peak(bytes) = bytes == top && peak_name eq '' ? (peak_name = strcol('name'), peak_at = now) : 0
note_phase(i, w) = (PHASE_width[i] = PHASE_width[i] + w, PHASE_middle[i] = PHASE_middle[i] + w * (now + w / 2), i)
pass(w) = (begin = now, now = now + w, begin)
phase_here(w) = note_phase(phase_of(strcol('gtype')), w)
width_here = "(is_op(strcol('node_type')) ? width_of(column('median_run_time_ms')) : 0)"

# in one row: first what needs the node's begin, then time passes
columns = "(note_peak(column('median_peak_mem_bytes')), phase_now = phase_here(".width_here."), "
columns = columns."pass(".width_here.")):(phase_now):(column('median_peak_mem_bytes') / MiB)"
do for [i = 1:n_roles] { columns = columns.sprintf(':(stacked(%d))', i) }
set table $step
eval "plot nodes using ".columns." with table if (is_op(strcol('node_type')))"
unset table
step_end = now
set print $step append
last_row = sprintf('%.9g 4 0', step_end)
do for [i = 1:n_roles] { last_row = last_row.' 0' }
print last_row
unset print
do for [i = 1:4] { if (PHASE_width[i] > 0) { PHASE_middle[i] = PHASE_middle[i] / PHASE_width[i] } }
set datafile separator whitespace
set datafile nocolumnheaders
