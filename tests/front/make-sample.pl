#!/usr/bin/perl
# Makes nodes.csv, tensors.csv and summary.json of a training step of ResNet-152 that was reckoned,
# not recorded: for the tests of what reads those files. The columns come from include/graphprof/.
# usage: make-sample.pl [--blocks N,N,N,N] REPORTS IMAGE_SIZE BATCH_SIZE...
# --blocks: other numbers of blocks a stage than ResNet-152's 3,8,36,3, for smaller files.
use strict;
use warnings;

my @blocks = (3, 8, 36, 3);
if (@ARGV && $ARGV[0] eq '--blocks') {
    @blocks = split /,/, $ARGV[1];
    splice @ARGV, 0, 2;
}
my ($reports, $image, @batches) = @ARGV;
die "usage: make-sample.pl [--blocks N,N,N,N] REPORTS IMAGE_SIZE BATCH_SIZE...\n" unless @batches;

# The last part of each row of a .def: [name, kind].
sub table {
    my ($file, $macro, $fields) = @_;
    open my $in, '<', "include/graphprof/$file" or die "include/graphprof/$file: $!\n";
    my $text = do { local $/; <$in> };
    $text =~ s{/\*.*?\*/}{}gs;
    return $fields == 2 ? [map { [split /,\s*/] } $text =~ /$macro\((\w+, \w+)/g]
                        : [$text =~ /$macro\(\w+, (\w+)\)/g];
}
my $node_columns = table('nodes_csv.def', 'GP_NODES_COLUMN', 2);
my $tensor_columns = table('tensors_csv.def', 'GP_TENSORS_COLUMN', 2);
my $roles = table('roles.def', 'GP_ROLE', 1);

# A layer: name, kind, parameters [name, elements], buffers, output elements an image, workspace.
sub layers {
    my ($size) = @_;
    my @layers;
    my $conv = sub {
        my ($name, $in, $out, $kernel, $side) = @_;
        push @layers, {name => $name, kind => 'conv', params => [['weight', $in * $out * $kernel ** 2]],
                       out => $out * $side ** 2, work => $in * $out * $kernel ** 2 * $side ** 2};
    };
    my $bn = sub {
        my ($name, $channels, $side) = @_;
        push @layers, {name => $name, kind => 'bn', params => [['weight', $channels], ['bias', $channels]],
                       buffers => $channels, out => $channels * $side ** 2};
    };
    my $plain = sub {
        my ($name, $kind, $out, @rest) = @_;
        push @layers, {name => $name, kind => $kind, out => $out, @rest};
    };
    my $side = $size / 2;
    $conv->('conv1', 3, 64, 7, $side);
    $bn->('bn1', 64, $side);
    $plain->('relu', 'relu', 64 * $side ** 2);
    $side /= 2;
    $plain->('maxpool', 'max_pool', 64 * $side ** 2);
    my $in = 64;
    for my $stage (0 .. 3) {
        my $width = 64 << $stage;
        for my $block (0 .. $blocks[$stage] - 1) {
            my $at = sprintf 'layer%d.%d', $stage + 1, $block;
            my $after = $stage && !$block ? $side / 2 : $side;
            $conv->("$at.conv1", $in, $width, 1, $side);
            $bn->("$at.bn1", $width, $side);
            $plain->("$at.relu1", 'relu', $width * $side ** 2);
            $conv->("$at.conv2", $width, $width, 3, $after);
            $bn->("$at.bn2", $width, $after);
            $plain->("$at.relu2", 'relu', $width * $after ** 2);
            $conv->("$at.conv3", $width, $width * 4, 1, $after);
            $bn->("$at.bn3", $width * 4, $after);
            if (!$block) {
                $conv->("$at.downsample.0", $in, $width * 4, 1, $after);
                $bn->("$at.downsample.1", $width * 4, $after);
            }
            $plain->("$at.add_relu", 'add_relu', $width * 4 * $after ** 2);
            ($in, $side) = ($width * 4, $after);
        }
    }
    $plain->('avgpool', 'average_pool', 2048);
    $plain->('fc', 'gemm', 1000, params => [['weight', 2048 * 1000], ['bias', 1000]]);
    $plain->('loss', 'loss', 1);
    return @layers;
}

my %api = (
    conv => ['cudnnConvolutionForward', 'cudnnConvolutionBackwardFilter'],
    bn => ['cudnnBatchNormalizationForwardTraining', 'cudnnBatchNormalizationBackward'],
    relu => ['cudnnActivationForward', 'cudnnActivationBackward'],
    add_relu => ['add_relu', 'cudnnActivationBackward'],
    max_pool => ['cudnnPoolingForward', 'max_pool_backward'],
    average_pool => ['cudnnPoolingForward', 'average_pool_backward'],
    gemm => ['cublasSgemm_v2', 'cublasSgemm_v2'],
    loss => ['cross_entropy_forward', 'cross_entropy_backward'],
);
my (@nodes, @tensors, %live, $peak);

sub hold {    # a tensor comes to life during the node of rank $rank
    my ($name, $role, $bytes, $rank, $producer) = @_;
    $live{$role} += $bytes;
    push @tensors, {name => $name, node_type => $role, role_source => $role eq 'opt_state' ? 'lifetime' : 'operand',
                    bytes => $bytes, device => 'softgpu:0', allocator => 'cudaMallocAsync', producer => $producer,
                    producer_rank => $rank, free_rank => -1, steps => 3, idle_ms => '0.000000', live_at_peak => 0,
                    map { $_ => -1 } qw(first_fw_use_rank last_fw_use_rank first_bw_use_rank last_bw_use_rank)};
    return $tensors[-1];
}

sub total { my $sum = 0; $sum += $_ for values %live; return $sum }

sub node {    # one op: $body makes and frees tensors; the peak is what is live when the body says so
    my ($name, $gtype, $op, $ms, $outputs, $body) = @_;
    my %node = (rank => scalar @nodes, name => "$gtype/$name", gtype => $gtype, node_type => 'op', op => $op,
                device => 'softgpu:0', steps => 3, calls_per_step => 1, median_run_time_ms => sprintf('%.6f', $ms),
                mad_run_time_ms => '0.001000', time_source => 'host', median_active_mem_bytes => total(),
                median_memory_size_bytes => $outputs, mad_active_mem_bytes => 0);
    push @nodes, \%node;
    $body->(scalar(@nodes) - 1, sub {
        $node{median_peak_mem_bytes} = total();
        $node{"peak_${_}_bytes"} = $live{$_} // 0 for @$roles;
        return if total() <= $peak;
        $peak = total();
        $_->{live_at_peak} = $_->{freed} ? 0 : 1 for @tensors;
    });
    $node{median_active_mem_after_bytes} = total();
}

sub let_go {
    my ($tensor, $rank) = @_;
    $tensor->{free_rank} = $rank;
    $tensor->{freed} = 1;
    $live{$tensor->{node_type}} -= $tensor->{bytes};
}

sub write_csv {
    my ($path, $columns, $rows) = @_;
    open my $out, '>', $path or die "$path: $!\n";
    print $out join(',', @$columns), "\n";
    print $out join(',', @$_{@$columns}), "\n" for @$rows;
    close $out or die "$path: $!\n";
}

sub simulate {
    my ($batch) = @_;
    my @layers = layers($image);
    (@nodes, @tensors, %live) = ();
    $peak = 0;
    for my $layer (@layers) {
        for my $param (@{$layer->{params} // []}) {
            my ($name, $bytes) = ("$layer->{name}.$param->[0]", $param->[1] * 4);
            push @{$layer->{weights}}, hold($name, 'parameter', $bytes, -1, '(before steps)');
            hold("$name.moment$_", 'opt_state', $bytes, -1, '(before steps)') for 1, 2;
        }
        hold("$layer->{name}.$_", 'buffer', $layer->{buffers} * 4, -1, '(before steps)')
          for $layer->{buffers} ? qw(running_mean running_var) : ();
    }
    my $ms = sub { 0.02 + $_[0]{out} * $batch * $_[1] / 4e6 + ($_[0]{work} // 0) * $batch * $_[1] / 2e10 };
    my $input;
    node('input', 'other', 'cudaMemcpyAsync', 0.3, $batch * 3 * $image ** 2 * 4, sub {
        my ($rank, $note_peak) = @_;
        $input = hold('images', 'input', $batch * 3 * $image ** 2 * 4, $rank, 'other/input');
        $note_peak->();
    });
    for my $i (0 .. $#layers) {
        my $layer = $layers[$i];
        my $bytes = $layer->{out} * $batch * 4;
        node($layer->{name}, 'forward', $api{$layer->{kind}}[0], $ms->($layer, 1), $bytes, sub {
            my ($rank, $note_peak) = @_;
            $layer->{y} = hold("$layer->{name}.y", 'activation', $bytes, $rank, "forward/$layer->{name}");
            my $space = $layer->{work} ? hold("$layer->{name}.workspace", 'workspace', 8 << 20, $rank, "forward/$layer->{name}") : undef;
            $note_peak->();
            let_go($space, $rank) if $space;
            my $x = $i ? $layers[$i - 1]{y} : $input;
            $x->{first_fw_use_rank} = $rank;
            $x->{last_fw_use_rank} = $rank;
            $layer->{rank} = $rank;
        });
    }
    my $dy;
    for my $i (reverse 0 .. $#layers) {
        my $layer = $layers[$i];
        my $x = $i ? $layers[$i - 1]{y} : undef;
        my $made = $x ? $x->{bytes} : 0;
        $made += $_->{bytes} for @{$layer->{weights} // []};
        node($layer->{name}, 'backward', $api{$layer->{kind}}[1], $ms->($layer, 2), $made, sub {
            my ($rank, $note_peak) = @_;
            my $name = "backward/$layer->{name}";
            for my $weight (@{$layer->{weights} // []}) {
                push @{$layer->{gradients}}, hold("$weight->{name}.grad", 'gradient', $weight->{bytes}, $rank, $name);
            }
            my $dx = $x ? hold("$layer->{name}.dx", 'activation_grad', $x->{bytes}, $rank, $name) : undef;
            my $space = $layer->{work} ? hold("$layer->{name}.workspace_bw", 'workspace', 16 << 20, $rank, $name) : undef;
            $note_peak->();
            let_go($_, $rank) for grep { $_ } $space, $dy, $layer->{y};
            $dy = $dx;
            if ($x) {
                $x->{first_bw_use_rank} = $x->{last_bw_use_rank} = $rank;
                my $idle = 0;
                $idle += $_->{median_run_time_ms} for @nodes[$layer->{rank} + 1 .. $rank - 1];
                $x->{idle_ms} = sprintf '%.6f', $idle;
            }
        });
    }
    for my $layer (grep { $_->{weights} } @layers) {
        node($layer->{name}, 'optimizer', 'adam_update', 0.02 + $layer->{params}[0][1] / 1e6, 0, sub {
            my ($rank, $note_peak) = @_;
            $note_peak->();
            let_go($_, $rank) for @{$layer->{gradients}};
        });
    }
}

my @peak_columns = map { "peak_${_}_bytes" } @$roles;
for my $batch (@batches) {
    simulate($batch);
    my @rows = @nodes;
    for my $tensor (grep { $_->{node_type} =~ /^(parameter|gradient|opt_state)$/ } @tensors) {
        my %row = (rank => $tensor->{producer_rank}, name => $tensor->{name}, gtype => 'other', op => $tensor->{allocator},
                   calls_per_step => 1, median_run_time_ms => '0.000000', mad_run_time_ms => '0.000000', time_source => 'none',
                   mad_active_mem_bytes => 0, map { $_ => 0 } @peak_columns);
        @row{qw(node_type device steps)} = @$tensor{qw(node_type device steps)};
        $row{$_} = $tensor->{bytes} for qw(median_active_mem_bytes median_active_mem_after_bytes
          median_peak_mem_bytes median_memory_size_bytes), "peak_$tensor->{node_type}_bytes";
        push @rows, \%row;
    }
    my $folder = sprintf '%s/batch_%03d', $reports, $batch;
    system('mkdir', '-p', $folder) == 0 or exit 1;
    write_csv("$folder/nodes.csv", [(map { $_->[0] } @$node_columns), @peak_columns], \@rows);
    write_csv("$folder/tensors.csv", [map { $_->[0] } @$tensor_columns], \@tensors);
    open my $out, '>', "$folder/summary.json" or die "$folder/summary.json: $!\n";
    print $out qq({"events_lost": 0, "balance_violations": 0, "recorded_peak_bytes": $peak, "recorded_pool_peak_bytes": $peak, "pool_used_high_bytes": $peak, "step_median_ns": 1000000,\n),
        qq( "probe_step": -1, "probe_driver_used_bytes": -1, "probe_context_bytes": 0,\n),
        qq( "probe_handles_bytes": 0, "probe_modules_bytes": 0, "probe_cupti_bytes": 0,\n),
        qq( "probe_recorded_bytes": -1, "probe_recorded_taken_bytes": -1}\n);
    close $out or die "$folder/summary.json: $!\n";
}
