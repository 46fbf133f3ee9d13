#!/usr/bin/env perl
# Holds graphprof's GPU time of each node against an independent record of the same program
# (kernel_record.c), which knows no nodes: both submit the same work in the same order, so a timed
# step's sequence of names is looked for in the record, and what stands there is that step's work.
#
# usage: compare_kernels.pl NAME FOLDER AGAIN RECORD STEPS
#   FOLDER, AGAIN  two runs under graphprof: capture.gpcap as text (dump.txt), nodes.csv, summary.json
#   RECORD         the independent record
#   STEPS          steps of the program (all of them must be found)
# Prints TAP lines and a table of the ten largest nodes.
use strict;
use warnings;

my ($name, $folder, $again, $record, $steps) = @ARGV;
my $LARGEST = 50;
my $TOTAL = 0.01;    # difference allowed in a step's whole work
my $NODE = 0.03;     # and in a node, between graphprof and the record
my $REPEAT = 0.02;   # and between two runs of graphprof

my $tests = 0;
sub ok { # ok HOLDS DESCRIPTION
    printf "%sok - %s: %s\n", $_[0] ? '' : 'not ', $name, $_[1];
    $tests++;
}
sub median { my @v = sort { $a <=> $b } @_; return @v ? $v[int((@v - 1) / 2)] : 0 }
sub apart { my ($x, $y) = @_; return $y ? abs($x - $y) / $y : $x ? 1 : 0 }

sub ops { # name => median ms of the ops of a folder's nodes.csv; no name here holds a comma
    my ($from) = @_;
    my (%ms, %at);
    open my $in, '<', "$from/nodes.csv" or die "$from/nodes.csv: $!\n";
    while (<$in>) {
        chomp;
        my @cells = split /,/;
        if (!%at) { @at{@cells} = 0 .. $#cells; next }
        next if $cells[$at{node_type}] ne 'op';
        die "$from/nodes.csv: $cells[$at{name}] has $cells[$at{time_source}] time\n" if $cells[$at{time_source}] ne 'cupti';
        $ms{$cells[$at{name}]} = $cells[$at{median_run_time_ms}];
    }
    return \%ms;
}

sub summary {
    my ($from) = @_;
    local (@ARGV, $/) = ("$from/summary.json");
    my %members = <> =~ /"(\w+)": (-?[\d.]+)/g;
    return \%members;
}

# The last timed step of the dump that is whole: [node, what ran] in the order of submission; and the
# host's ns of timed steps and of others.
sub last_timed_step {
    my ($dump) = @_;
    open my $in, '<', $dump or die "$dump: $!\n";
    my (%open, $timed, $step, $step_began, $step_ended, @order, %node_of, %ran, $last, %host);
    while (<$in>) {
        my (undef, $ns, $thread, $type) = split ' ';
        if ($type eq 'TIMED') {
            ($timed) = /on=(\d)/;
        } elsif ($type eq 'RANGE_PUSH') {
            my ($range) = /name="(.*?)"/;
            if ($range =~ /^step/) {
                ($step, $step_began, $open{$thread}) = (1, $ns, []);
                push @{$host{$timed ? 'before timed' : 'before other'}}, $ns - $step_ended if defined $step_ended;
                @order = () if $timed;
            } else {
                push @{$open{$thread}}, $range;
            }
        } elsif ($type eq 'RANGE_POP') {
            if (@{$open{$thread} || []}) { pop @{$open{$thread}}; next }
            push @{$host{$timed ? 'timed' : 'other'}}, $ns - $step_began if $step;
            $last = [@order] if $timed && $step;
            ($step, $step_ended) = (0, $ns);
        } elsif ($type eq 'CORRELATION' && $timed && $step) {
            my ($id) = /correlation=(\d+)/;
            push @order, $id;
            $node_of{$id} = join('/', @{$open{$thread} || []}) || '(no range)';
        } elsif ($type eq 'KERNEL') {
            my ($id, $start, $work, $kernel) = /correlation=(\d+) start_ns=(\d+) .*work=(\w+) .*name="(.*?)"/
                or die "$dump:$.: $_";
            push @{$ran{$id}}, [$start, $work eq 'kernel' ? "kernel\t$kernel" : "$work\t"];
        }
    }
    my @sequence;
    for my $id (@{$last || []}) {
        push @sequence, map { [$node_of{$id}, $_->[1]] } sort { $a->[0] <=> $b->[0] } @{$ran{$id} || []};
    }
    return (\@sequence, \%host);
}

my ($ours, $other) = (ops($folder), ops($again));
my $facts = summary($folder);
my ($sequence, $host) = last_timed_step("$folder/dump.txt");
die "$folder: no timed step\n" if !@$sequence;

# Every record has a place.
ok($facts->{gpu_records_unmatched} == 0, "work that belongs to no node: $facts->{gpu_records_unmatched} records");
ok($facts->{gpu_records_lost} == 0 && $facts->{gpu_launches_without_record} == 0,
    "records lost: $facts->{gpu_records_lost}, launches without one: $facts->{gpu_launches_without_record}");
ok(apart($facts->{gpu_nodes_sum_ms}, $facts->{gpu_sum_ms}) <= $TOTAL,
    sprintf 'the nodes\' times add up to %.3f ms, all work of a step to %.3f ms, %.2f %% apart',
    $facts->{gpu_nodes_sum_ms}, $facts->{gpu_sum_ms}, 100 * apart($facts->{gpu_nodes_sum_ms}, $facts->{gpu_sum_ms}));

# The steps in the independent record.
my (@works, %by_node, @sums);
open my $in, '<', $record or die "$record: $!\n";
while (<$in>) {
    chomp;
    my (undef, $start, $end, $kind, $kernel) = split /\t/, $_, 5;
    push @works, [$start, $end, "$kind\t$kernel"];
}
my $found = 0;
for (my $at = 0; $at + @$sequence <= @works;) {
    my $n = 0;
    $n++ while $n < @$sequence && $works[$at + $n][2] eq $sequence->[$n][1];
    if ($n < @$sequence) { $at++; next }
    if ($found++) {    # the first step also sets things up
        my (%busy, %until, $sum);
        for my $i (sort { $works[$at + $a][0] <=> $works[$at + $b][0] } 0 .. $n - 1) {
            my ($node, $start, $end) = ($sequence->[$i][0], @{$works[$at + $i]}[0, 1]);
            $sum += $end - $start;
            $start = $until{$node} if exists $until{$node} && $until{$node} > $start;
            next if $end <= $start;
            $busy{$node} += $end - $start;
            $until{$node} = $end;
        }
        push @{$by_node{$_}}, $busy{$_} / 1e6 for keys %busy;
        push @sums, $sum / 1e6;
    }
    $at += $n;
}
ok($found >= $steps - 1, "the independent record has the step's " . @$sequence . " pieces of work $found times, of $steps steps");
my $sum = median(@sums);
ok(apart($facts->{gpu_sum_ms}, $sum) <= $TOTAL,
    sprintf 'all work of a step: %.3f ms, independently %.3f ms, %.2f %% apart', $facts->{gpu_sum_ms}, $sum, 100 * apart($facts->{gpu_sum_ms}, $sum));

my @largest = sort { $ours->{$b} <=> $ours->{$a} || $a cmp $b } keys %$ours;
splice @largest, $LARGEST if @largest > $LARGEST;
my (@off, @unsteady, $worst, $worst_repeat);
$worst = $worst_repeat = 0;
for my $node (@largest) {
    my $independent = median(@{$by_node{$node} || [0]});
    my $difference = apart($ours->{$node}, $independent);
    my $repeat = apart($ours->{$node}, $other->{$node} || 0);
    push @off, $node if $difference > $NODE;
    push @unsteady, $node if $repeat > $REPEAT;
    $worst = $difference if $difference > $worst;
    $worst_repeat = $repeat if $repeat > $worst_repeat;
}
ok(!@off, sprintf 'the %d largest nodes against the independent record: at most %.2f %% apart%s', scalar @largest, 100 * $worst,
    @off ? "; above 3 %: @off" : '');
ok(!@unsteady, sprintf 'the %d largest nodes in two runs: at most %.2f %% apart%s', scalar @largest, 100 * $worst_repeat,
    @unsteady ? "; above 2 %: @unsteady" : '');

printf "# %-32s %12s %12s %12s\n", 'node', 'graphprof ms', 'again ms', 'record ms';
printf "# %-32s %12.6f %12.6f %12.6f\n", $_, $ours->{$_}, $other->{$_}, median(@{$by_node{$_} || [0]})
    for @largest[0 .. ($#largest < 9 ? $#largest : 9)];
printf "# host time of a step: %.3f ms in timed steps, %.3f ms in others (medians); GPU busy %.3f ms\n",
    median(@{$host->{timed} || []}) / 1e6, median(@{$host->{other} || []}) / 1e6, $facts->{gpu_busy_ms};
printf "# between steps: %.3f ms before timed ones (switching on), %.3f ms before others (switching off, fetching)\n",
    median(@{$host->{'before timed'} || []}) / 1e6, median(@{$host->{'before other'} || []}) / 1e6;
