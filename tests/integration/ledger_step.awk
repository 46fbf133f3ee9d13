# Read behind the program of a test that follows a dump's steps by hand: what a step in detail, whose place is `place`,
# allocates and frees, event by event, for steps that repeat it. outer: not both made and freed in it. The test's own
# memory(type, address, bytes) books each.
$4 == "ALLOC" && /space=device/ || $4 == "FREE" {
    sub(/.*=/, "", $5); sub(/.*=/, "", $6)
    i = count[place]++
    type[place, i] = $4; at[place, i] = $5; bytes[place, i] = $6; outer[place, i] = 1
    if ($4 == "ALLOC") made[place, $5] = i + 1
    else if (made[place, $5]) {
        outer[place, i] = outer[place, made[place, $5] - 1] = 0
        made[place, $5] = 0
    }
    memory($4, $5, $6)
}
