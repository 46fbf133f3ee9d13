# When each tensor of a step is made and freed: a line a tensor, a band a role, in the order of
# their making; pale where a tensor only waits between its last forward and first backward use.
# Tensors that live across steps would be full-width lines; they are counted instead.
#   gnuplot -e "dir='reports/batch_004'" plots/tensor_lifetimes.gp
figure = 'tensor_lifetimes'
heading = 'Lifetimes of the tensors made in a step'
plots = system("dirname '".ARG0."'")
load plots.'/folder.gp'

stats nodes using (is_op(strcol('node_type')) ? column('rank') : NaN) nooutput name 'RANK'
n_ranks = int(RANK_max) + 1
freed = 'column("free_rank")'
# the rank of the node that makes it in each step; -1: made once, or never freed in a step
made = '(column("free_rank") < 0 ? -1 : column("producer_rank"))'
role_number(name) = sum [j = 1:n_roles] (word(roles, j) eq name ? j : 0)

# LINE[place(role, rank)]: first how many tensors of that role the rank makes, then the first line
# that is free for them, so that lines are in order whatever the file's order is
array LINE[n_roles * n_ranks + 1]
array MADE[n_roles]
do for [i = 1:n_roles * n_ranks + 1] { LINE[i] = 0 }
do for [i = 1:n_roles] { MADE[i] = 0 }
place(role, rank) = (role - 1) * n_ranks + rank + 2
n_kept = 0
kept_bytes = 0
count_kept(bytes) = (n_kept = n_kept + 1, kept_bytes = kept_bytes + bytes)
count_made(role, i) = (MADE[role] = MADE[role] + 1, LINE[i] = LINE[i] + 1)
count(role, rank, bytes) = rank < 0 ? count_kept(bytes) : count_made(role, place(role, rank))
stats tensors using (count(role_number(strcol('node_type')), int(@made), column('bytes')), 0) nooutput
do for [i = 2:n_roles * n_ranks + 1] { LINE[i] = LINE[i] + LINE[i - 1] }
n_made = LINE[n_roles * n_ranks + 1]
take_line(i) = (line = LINE[i], LINE[i] = line + 1, line)
next_line(role, rank) = rank < 0 ? -1 : take_line(place(role, rank) - 1)

# $tensor: line, begin, end, begin and end of its wait (equal: none), number of its role, and, for
# one that is freed in the next step, where there (-1: in the same step)
waits = '(column("last_fw_use_rank") >= 0 && column("first_bw_use_rank") > column("last_fw_use_rank"))'
set table $tensor
plot tensors using (next_line(role_number(strcol('node_type')), int(@made))): \
    (@made):(@freed >= @made ? @freed + 1 : n_ranks): \
    (@waits ? column('last_fw_use_rank') + 1 : 0):(@waits ? column('first_bw_use_rank') : 0): \
    (role_number(strcol('node_type'))):(@freed >= 0 && @freed < @made ? @freed + 1 : -1) \
    with table if (@made >= 0)
unset table

array FROM[4] = [n_ranks, n_ranks, n_ranks, n_ranks]
array TO[4] = [0, 0, 0, 0]
reach(i, rank) = (FROM[i] = rank < FROM[i] ? rank : FROM[i], TO[i] = rank >= TO[i] ? rank + 1 : TO[i])
stats nodes using (is_op(strcol('node_type')) ? reach(phase_of(strcol('gtype')), column('rank')) : 0) nooutput
do for [i = 1:3] {
    if (TO[i] > FROM[i]) {
        set object i rectangle from FROM[i], graph 0 to TO[i], graph 1 behind fc rgb phase_tint(i) fs noborder
        if (TO[i] - FROM[i] > 0.09 * n_ranks) {
            set label 100 + i word(phases, i) at (FROM[i] + TO[i]) / 2.0, graph 0.975 center tc rgb '#505050' front
        }
    }
}
set datafile separator whitespace
set datafile nocolumnheaders

shown = ''
do for [i = 1:n_roles] { if (MADE[i] > 0) { shown = shown.sprintf(' %d', i) } }
role(k) = int(word(shown, k))
is_role(k) = column(6) == role(k)
colour(k) = role_colour(word(roles, role(k)))

set xlabel sprintf('node, in the order of execution (%d nodes)', n_ranks)
set ylabel sprintf('tensor: a band a role, in the order of their making (%d tensors)', n_made)
set xrange [0:n_ranks]
set yrange [n_made:-0.06 * n_made]
unset ytics
unset grid
set label 2 sprintf("pale: waits between\nlast forward and first\nbackward use\n\nbesides: %d tensors,\n%s, live\nacross steps", \
    n_kept, nice(kept_bytes)) \
    at graph 1.025, graph 0.5 front tc rgb '#505050'

set output output_part
plot for [k = 1:words(shown)] $tensor using (is_role(k) ? $2 : NaN):1:($3 - $2):(0) with vectors nohead lw 2 \
         lc rgb colour(k) notitle, \
     for [k = 1:words(shown)] $tensor using (is_role(k) && $7 >= 0 ? 0 : NaN):1:7:(0) with vectors nohead lw 2 \
         lc rgb colour(k) notitle, \
     $tensor using ($5 > $4 ? $4 : NaN):1:4:5:($1 - 0.5):($1 + 0.5) with boxxyerror fc rgb '#60FFFFFF' notitle, \
     for [k = 1:words(shown)] NaN with boxes lc rgb colour(k) \
         title sprintf('%s (%d)', role_title(word(roles, role(k))), MADE[role(k)])
load plots.'/finish.gp'
