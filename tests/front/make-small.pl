#!/usr/bin/perl
# Makes the CSVs and summary.json of a step that is small enough to add up by hand, for each batch
# size B: one parameter of 100 floats, its gradient, two states, an activation of 1000 x B bytes and a
# workspace of 64; peak in the backward node: 400 + 400 + 800 + 1000 B + 64 = 1664 + 1000 B bytes;
# forward takes B ms and backward 2 B ms.
# usage: make-small.pl REPORTS BATCH_SIZE...
use strict;
use warnings;

my ($reports, @batches) = @ARGV;

sub names {    # of the columns of a table in include/graphprof/
    my ($file, $macro) = @_;
    open my $in, '<', "include/graphprof/$file" or die "include/graphprof/$file: $!\n";
    return map { /^$macro\((\w+),/ ? $1 : () } <$in>;
}
my @roles = do {
    open my $in, '<', 'include/graphprof/roles.def' or die "roles.def: $!\n";
    map { /^GP_ROLE\(\w+, (\w+)\)/ ? $1 : () } <$in>;
};

sub table {
    my ($path, $columns, @rows) = @_;
    open my $out, '>', $path or die "$path: $!\n";
    print $out join(',', @$columns), "\n";
    for my $row (@rows) {
        print $out join(',', map { $row->{$_} // die "$path: no $_\n" } @$columns), "\n";
    }
}

sub node {
    my ($rank, $name, $gtype, $type, $ms, $active, $after, %peak) = @_;
    my $sum = 0;
    $sum += $_ for values %peak;
    return {rank => $rank, name => $name, gtype => $gtype, node_type => $type, op => 'api', device => 'softgpu:0',
            steps => 3, calls_per_step => 1, median_run_time_ms => sprintf('%.6f', $ms), mad_run_time_ms => '0.000000',
            time_source => 'host', median_active_mem_bytes => $active, median_active_mem_after_bytes => $after,
            median_peak_mem_bytes => $sum, median_memory_size_bytes => 0, mad_active_mem_bytes => 0,
            map { ("peak_${_}_bytes" => $peak{$_} // 0) } @roles};
}

sub tensor {
    my ($name, $role, $bytes, $made, $freed, %uses) = @_;
    return {name => $name, node_type => $role, role_source => 'operand', bytes => $bytes, device => 'softgpu:0',
            allocator => 'cudaMallocAsync', producer => 'node', producer_rank => $made, free_rank => $freed,
            first_fw_use_rank => -1, last_fw_use_rank => -1, first_bw_use_rank => -1, last_bw_use_rank => -1,
            idle_ms => '0.000000', live_at_peak => 1, steps => 3, %uses};
}

for my $batch (@batches) {
    my $folder = sprintf '%s/batch_%03d', $reports, $batch;
    my $activation = 1000 * $batch;
    my $peak = 1664 + $activation;
    system('mkdir', '-p', $folder) == 0 or exit 1;
    table("$folder/nodes.csv", [names('nodes_csv.def', 'GP_NODES_COLUMN'), map { "peak_${_}_bytes" } @roles],
        node(0, 'forward/a', 'forward', 'op', $batch, 1200, 1200 + $activation,
            parameter => 400, opt_state => 800, activation => $activation),
        node(1, 'backward/a', 'backward', 'op', 2 * $batch, 1200 + $activation, 1600,
            parameter => 400, opt_state => 800, activation => $activation, gradient => 400, workspace => 64),
        node(-1, 'a.weight', 'other', 'parameter', 0, 400, 400, parameter => 400),
        node(1, 'a.weight.grad', 'backward', 'gradient', 0, 400, 400, gradient => 400),
        map { node(-1, "a.weight.$_", 'other', 'opt_state', 0, 400, 400, opt_state => 400) } qw(exp_avg exp_avg_sq));
    table("$folder/tensors.csv", [names('tensors_csv.def', 'GP_TENSORS_COLUMN')],
        tensor('a.weight', 'parameter', 400, -1, -1),
        tensor('a.weight.grad', 'gradient', 400, 1, 0),
        tensor('a.weight.exp_avg', 'opt_state', 400, -1, -1),
        tensor('a.weight.exp_avg_sq', 'opt_state', 400, -1, -1),
        tensor('a.y', 'activation', $activation, 0, 1, first_fw_use_rank => 0, last_fw_use_rank => 0,
            first_bw_use_rank => 1, last_bw_use_rank => 1, idle_ms => '0.100000'),
        tensor('a.workspace', 'workspace', 64, 1, 1));
    open my $out, '>', "$folder/summary.json" or die "$folder/summary.json: $!\n";
    my $used = $peak + 1500 + 200;
    print $out qq({"events_lost": 0, "balance_violations": 0,\n "recorded_peak_bytes": $peak, "recorded_pool_peak_bytes": $peak, "pool_used_high_bytes": $peak,\n "step_median_ns": 7000000,\n),
        qq( "probe_step": 0, "probe_driver_used_bytes": $used, "probe_context_bytes": 1500,\n),
        qq( "probe_handles_bytes": 110, "probe_modules_bytes": 80, "probe_cupti_bytes": 10,\n),
        qq( "probe_recorded_bytes": $peak, "probe_recorded_taken_bytes": $peak}\n);
}
