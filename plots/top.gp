# The op nodes with the largest values, for figures that rank them. Set before: `value`, a string
# with an expression over the columns of `nodes` that is not negative. Gives n_top and, from the
# largest, the arrays TOP_row (number of the row in `nodes`, from 0), TOP_value, TOP_name (without
# its phase) and TOP_phase; and total, the sum over all op nodes.
most = 25
stats nodes using (0) nooutput name 'ALL'
array VALUE[ALL_records]
total = 0.0
n_ops = 0
note_value(i, v) = (VALUE[i + 1] = v, total = total + (v > 0 ? v : 0), n_ops = n_ops + (v >= 0))
stats nodes using (note_value(int($0), is_op(strcol('node_type')) ? @value : -1.0), 0) nooutput

n_top = n_ops < most ? n_ops : most
array TOP_row[most]
array TOP_value[most]
array TOP_name[most]
array TOP_phase[most]
do for [k = 1:n_top] {
    best = 1
    do for [i = 2:ALL_records] { if (VALUE[i] > VALUE[best]) { best = i } }
    TOP_row[k] = best - 1
    TOP_value[k] = VALUE[best]
    VALUE[best] = -1.0
}
# forward/layer1.0.conv1 -> layer1.0.conv1: the phase is told by the colour
below_phase(name, gtype) = strstrt(name, gtype.'/') == 1 ? name[strlen(gtype) + 2:*] : name
note_name(k) = (TOP_name[k] = cut(below_phase(strcol('name'), strcol('gtype')), 34), \
                TOP_phase[k] = phase_of(strcol('gtype')))
rank_of(row) = sum [k = 1:n_top] (TOP_row[k] == row ? k : 0)
note_if_top(k) = k > 0 ? note_name(k) : 0
stats nodes using (note_if_top(rank_of(int($0))), 0) nooutput
