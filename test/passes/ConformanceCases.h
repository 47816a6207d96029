//===- ConformanceCases.h - Small networks, one or more per op ------------===//
//
// Each op of the tensor level in every combination of its optional operands, in sizes that no vector width divides, and beside the
// ops that passes move it past. A new op brings its cases here; ConformanceTest fails when it has none.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TEST_PASSES_CONFORMANCECASES_H
#define ARCHC_TEST_PASSES_CONFORMANCECASES_H

#include <vector>

namespace archc::conformance {

/// A function of one input %x. Types have aliases: !x, !y, and one per parameter.
struct Case {
  const char *name;
  const char *input;  // "5x7x19": height, width, channels of %x
  const char *params; // "w fc.weight 11x19, b fc.bias 11": SSA name, name (which decides the numbers), shape
  const char *body;   // ends with %y
  const char *result; // "5x7x11": a map; "11": one vector per image
  double inputScale = 1;
};

inline const char *const kPool = "%y = mf.global_avg_pool %x : !x";

inline const std::vector<Case> cases = {
    // Activations; where they are extreme, x is up to +-40 or +-100.
    {"relu", "5x7x19", "", "%y = mf.relu %x : !x", "5x7x19"},
    {"squared_relu", "3x3x1", "", "%y = mf.squared_relu %x : !x", "3x3x1"},
    {"gelu", "5x7x19", "", "%y = mf.gelu %x : !x", "5x7x19"},
    {"gelu_extreme", "5x7x33", "", "%y = mf.gelu %x : !x", "5x7x33", 20},
    {"gelu_small", "5x7x33", "", "%y = mf.gelu %x : !x", "5x7x33", 1e-3},
    {"gelu_tanh", "5x7x19", "", "%y = mf.gelu_tanh %x : !x", "5x7x19"},
    {"gelu_tanh_extreme", "5x7x33", "", "%y = mf.gelu_tanh %x : !x", "5x7x33", 20},
    {"silu", "5x7x19", "", "%y = mf.silu %x : !x", "5x7x19"},
    {"silu_extreme", "5x7x33", "", "%y = mf.silu %x : !x", "5x7x33", 50},
    {"hardswish", "5x7x19", "", "%y = mf.hardswish %x : !x", "5x7x19"},
    {"hardswish_wide", "5x7x17", "", "%y = mf.hardswish %x : !x", "5x7x17", 4},
    {"activations_on_vectors", "5x7x19", "",
     "%p = mf.global_avg_pool %x : !x\n%q = mf.gelu %p : !y\n%r = mf.silu %q : !y\n%y = mf.hardswish %r : !y", "19"},

    // StarReLU: learned or not, one number or one per channel.
    {"star_relu_bare", "5x7x19", "", "%y = mf.star_relu %x : !x", "5x7x19"},
    {"star_relu_fixed", "5x7x19", "", "%y = mf.star_relu %x {scale_value = 0.8944, bias_value = -0.4472} : !x", "5x7x19"},
    {"star_relu_scale", "5x7x19", "s act.scale 1", "%y = mf.star_relu %x scale(%s : !s) : !x", "5x7x19"},
    {"star_relu_bias", "5x7x19", "b act.bias 1", "%y = mf.star_relu %x bias(%b : !b) : !x", "5x7x19"},
    {"star_relu_learned", "5x7x19", "s act.scale 1, b act.bias 1", "%y = mf.star_relu %x scale(%s : !s) bias(%b : !b) : !x",
     "5x7x19"},
    {"star_relu_per_channel", "5x7x19", "s act.scale 19, b act.bias 19", "%y = mf.star_relu %x scale(%s : !s) bias(%b : !b) : !x",
     "5x7x19"},
    {"star_relu_mixed", "5x7x19", "s act.scale 1, b act.bias 19", "%y = mf.star_relu %x scale(%s : !s) bias(%b : !b) : !x",
     "5x7x19"},
    {"star_relu_learned_scale_fixed_bias", "5x7x19", "s act.scale 19",
     "%y = mf.star_relu %x scale(%s : !s) {scale_value = 1.0, bias_value = -0.4472} : !x", "5x7x19"},
    {"star_relu_into_linear", "5x7x19", "s act.scale 1, b act.bias 1, w fc.weight 13x19x1x1, c fc.bias 13",
     "%a = mf.star_relu %x scale(%s : !s) bias(%b : !b) : !x\n%y = mf.linear %a, %w bias(%c : !c) : !x, !w", "5x7x13"},
    {"star_relu_fixed_into_linear", "5x7x19", "w fc.weight 13x19",
     "%a = mf.star_relu %x {scale_value = 0.8944, bias_value = -0.4472} : !x\n%y = mf.linear %a, %w : !x, !w", "5x7x13"},
    {"star_relu_per_channel_into_two", "5x7x19", "s act.scale 19, b act.bias 19, w fc1.weight 13x19, v fc2.weight 13x19",
     "%a = mf.star_relu %x scale(%s : !s) bias(%b : !b) : !x\n%f = mf.linear %a, %w : !x, !w\n"
     "%g = mf.linear %a, %v : !x, !v\n%y = mf.add %f, %g : !y",
     "5x7x13"},
    {"star_relu_into_padded_depthwise", "5x7x19", "s act.scale 1, b act.bias 1, w dw.weight 19x1x7x7",
     "%a = mf.star_relu %x scale(%s : !s) bias(%b : !b) : !x\n%y = mf.depthwise_conv2d %a, %w {padding = [3, 3]} : !x, !w",
     "5x7x19"},
    {"star_relu_per_channel_into_padded_depthwise", "4x3x21", "s act.scale 21, b act.bias 21, w dw.weight 21x1x3x3, c dw.bias 21",
     "%a = mf.star_relu %x scale(%s : !s) bias(%b : !b) : !x\n"
     "%y = mf.depthwise_conv2d %a, %w bias(%c : !c) {padding = [1, 1]} : !x, !w",
     "4x3x21"},
    {"star_relu_bias_into_padded_convolution", "5x7x19", "b act.bias 1, w conv.weight 11x19x3x3",
     "%a = mf.star_relu %x bias(%b : !b) : !x\n"
     "%y = mf.conv2d %a, %w {stride = [1, 1], padding = [1, 1]} : !x, !w",
     "5x7x11"},
    {"star_relu_into_bare_convolution", "5x7x19", "s act.scale 19, b act.bias 19, w conv.weight 11x19x2x2",
     "%a = mf.star_relu %x scale(%s : !s) bias(%b : !b) : !x\n"
     "%y = mf.conv2d %a, %w {stride = [1, 1], padding = [0, 0]} : !x, !w",
     "4x6x11"},

    // Sums and factors.
    {"add", "5x7x19", "", "%a = mf.relu %x : !x\n%y = mf.add %x, %a : !x", "5x7x19"},
    {"add_to_itself", "5x7x19", "", "%y = mf.add %x, %x : !x", "5x7x19"},
    {"add_vectors", "3x5x19", "", "%p = mf.global_avg_pool %x : !x\n%q = mf.relu %p : !y\n%y = mf.add %q, %p : !y", "19"},
    {"scale_one", "5x7x19", "s res.scale 1", "%y = mf.scale %x, %s : !x, !s", "5x7x19"},
    {"scale_channels", "5x7x19", "s layer.scale 19", "%y = mf.scale %x, %s : !x, !s", "5x7x19"},
    {"scale_vectors", "5x7x19", "s layer.scale 19", "%p = mf.global_avg_pool %x : !x\n%y = mf.scale %p, %s : !y, !s", "19"},
    {"scale_behind_linear", "5x7x19", "w fc.weight 13x19, b fc.bias 13, s layer.scale 13",
     "%f = mf.linear %x, %w bias(%b : !b) : !x, !w\n%y = mf.scale %f, %s : !y, !s", "5x7x13"},
    {"scale_one_behind_linear", "5x7x19", "w fc.weight 13x19x1x1, b fc.bias 13, s res.scale 1",
     "%f = mf.linear %x, %w bias(%b : !b) : !x, !w\n%y = mf.scale %f, %s : !y, !s", "5x7x13"},
    {"scale_behind_depthwise", "5x7x19", "w dw.weight 19x1x3x3, b dw.bias 19, s layer.scale 19",
     "%r = mf.relu %x : !x\n%f = mf.depthwise_conv2d %r, %w bias(%b : !b) {padding = [1, 1]} : !x, !w\n"
     "%y = mf.scale %f, %s : !x, !s",
     "5x7x19"},
    {"scale_before_linear", "5x7x19", "w fc.weight 13x19, s layer.scale 19",
     "%f = mf.scale %x, %s : !x, !s\n%y = mf.linear %f, %w : !x, !w", "5x7x13"},
    {"scale_before_padded_depthwise", "5x7x19", "w dw.weight 19x1x5x5, s layer.scale 19",
     "%f = mf.scale %x, %s : !x, !s\n%y = mf.depthwise_conv2d %f, %w {padding = [2, 2]} : !x, !w", "5x7x19"},
    {"scaled_residual", "5x7x19", "w fc.weight 19x19, s layer.scale 19, r res.scale 19",
     "%f = mf.linear %x, %w : !x, !w\n%g = mf.scale %f, %s : !x, !s\n%h = mf.scale %x, %r : !x, !r\n%y = mf.add %h, %g : !x",
     "5x7x19"},
    {"add_position", "5x7x19", "p pos_embed 1x19x5x7", "%y = mf.add_position %x, %p : !x, !p", "5x7x19"},
    {"add_position_behind_linear", "3x2x9", "w fc.weight 37x9, p pos_embed 1x37x3x2",
     "%f = mf.linear %x, %w : !x, !w\n%y = mf.add_position %f, %p : !y, !p", "3x2x37"},

    // Products.
    {"linear", "5x7x19", "w fc.weight 13x19", "%y = mf.linear %x, %w : !x, !w", "5x7x13"},
    {"linear_bias", "5x7x19", "w fc.weight 67x19x1x1, b fc.bias 67", "%y = mf.linear %x, %w bias(%b : !b) : !x, !w", "5x7x67"},
    {"linear_of_one_channel", "5x7x1", "w fc.weight 1x1, b fc.bias 1", "%y = mf.linear %x, %w bias(%b : !b) : !x, !w", "5x7x1"},
    {"linear_on_vectors", "5x3x19", "w fc.weight 10x19, b fc.bias 10",
     "%p = mf.global_avg_pool %x : !x\n%y = mf.linear %p, %w bias(%b : !b) : tensor<?x19xf32>, !w", "10"},
    {"linear_4d_on_vectors", "5x3x19", "w fc.weight 10x19x1x1",
     "%p = mf.global_avg_pool %x : !x\n%y = mf.linear %p, %w : tensor<?x19xf32>, !w", "10"},
    {"mlp_on_vectors", "5x3x19", "g norm.weight 19, c norm.bias 19, w fc1.weight 75x19, b fc1.bias 75, v fc2.weight 10x75",
     "%p = mf.global_avg_pool %x : !x\n%n = mf.layer_norm %p weight(%g : !g) bias(%c : !c) {eps = 1.0e-6} : tensor<?x19xf32>\n"
     "%h = mf.linear %n, %w bias(%b : !b) : tensor<?x19xf32>, !w\n%a = mf.squared_relu %h : tensor<?x75xf32>\n"
     "%y = mf.linear %a, %v : tensor<?x75xf32>, !v",
     "10"},
    {"mlp", "5x7x19", "g norm.weight 19, w fc1.weight 76x19, b fc1.bias 76, v fc2.weight 19x76, c fc2.bias 19",
     "%n = mf.layer_norm %x weight(%g : !g) {eps = 1.0e-6} : !x\n%h = mf.linear %n, %w bias(%b : !b) : !x, !w\n"
     "%a = mf.gelu %h : tensor<?x5x7x76xf32>\n%f = mf.linear %a, %v bias(%c : !c) : tensor<?x5x7x76xf32>, !v\n"
     "%y = mf.add %x, %f : !x",
     "5x7x19"},
    {"conv2d", "5x7x19", "w conv.weight 11x19x3x3, b conv.bias 11",
     "%y = mf.conv2d %x, %w bias(%b : !b) {stride = [1, 1], padding = [1, 1]} : !x, !w", "5x7x11"},
    {"conv2d_stem", "15x17x3", "w conv.weight 21x3x7x7, b conv.bias 21",
     "%y = mf.conv2d %x, %w bias(%b : !b) {stride = [4, 4], padding = [2, 2]} : !x, !w", "4x4x21"},
    {"conv2d_stride_over_kernel", "11x10x5", "w conv.weight 9x5x2x2",
     "%y = mf.conv2d %x, %w {stride = [3, 3], padding = [0, 0]} : !x, !w", "4x3x9"},
    {"conv2d_stride_over_kernel_padded", "8x7x5", "w conv.weight 9x5x2x2, b conv.bias 9",
     "%y = mf.conv2d %x, %w bias(%b : !b) {stride = [3, 4], padding = [1, 1]} : !x, !w", "3x2x9"},
    {"conv2d_point", "5x7x19", "w conv.weight 11x19x1x1", "%y = mf.conv2d %x, %w {stride = [1, 1], padding = [0, 0]} : !x, !w",
     "5x7x11"},
    {"conv2d_point_strided", "5x7x19", "w conv.weight 11x19x1x1",
     "%y = mf.conv2d %x, %w {stride = [2, 2], padding = [0, 0]} : !x, !w", "3x4x11"},
    {"conv2d_point_padded", "3x2x19", "w conv.weight 11x19x1x1, b conv.bias 11",
     "%y = mf.conv2d %x, %w bias(%b : !b) {stride = [1, 1], padding = [1, 1]} : !x, !w", "5x4x11"},
    {"conv2d_oblong", "5x7x6", "w conv.weight 11x6x3x1", "%y = mf.conv2d %x, %w {stride = [2, 1], padding = [1, 0]} : !x, !w",
     "3x7x11"},
    {"conv2d_padding_over_map", "2x2x6", "w conv.weight 11x6x3x3",
     "%y = mf.conv2d %x, %w {stride = [2, 2], padding = [3, 3]} : !x, !w", "3x3x11"},
    {"conv2d_downsampling", "6x7x19", "g norm.weight 19, c norm.bias 19, w conv.weight 23x19x3x3, b conv.bias 23",
     "%n = mf.layer_norm %x weight(%g : !g) bias(%c : !c) {eps = 1.0e-6} : !x\n"
     "%y = mf.conv2d %n, %w bias(%b : !b) {stride = [2, 2], padding = [1, 1]} : !x, !w",
     "3x4x23"},
    {"depthwise_3", "9x11x19", "w dw.weight 19x1x3x3, b dw.bias 19",
     "%r = mf.relu %x : !x\n%y = mf.depthwise_conv2d %r, %w bias(%b : !b) {padding = [1, 1]} : !x, !w", "9x11x19"},
    {"depthwise_5", "9x11x19", "w dw.weight 19x1x5x5",
     "%r = mf.relu %x : !x\n%y = mf.depthwise_conv2d %r, %w {padding = [2, 2]} : !x, !w", "9x11x19"},
    {"depthwise_7", "9x11x35", "w dw.weight 35x1x7x7",
     "%r = mf.relu %x : !x\n%y = mf.depthwise_conv2d %r, %w {padding = [3, 3]} : !x, !w", "9x11x35"},
    {"depthwise_3_on_a_line", "1x9x19", "w dw.weight 19x1x3x3",
     "%r = mf.relu %x : !x\n%y = mf.depthwise_conv2d %r, %w {padding = [1, 1]} : !x, !w", "1x9x19"},
    {"depthwise_7_on_a_line", "1x9x19", "w dw.weight 19x1x7x7, b dw.bias 19",
     "%r = mf.relu %x : !x\n%y = mf.depthwise_conv2d %r, %w bias(%b : !b) {padding = [3, 3]} : !x, !w", "1x9x19"},
    {"depthwise_7_on_a_column", "9x1x19", "w dw.weight 19x1x7x7",
     "%r = mf.relu %x : !x\n%y = mf.depthwise_conv2d %r, %w {padding = [3, 3]} : !x, !w", "9x1x19"},
    {"depthwise_3_on_four", "2x2x19", "w dw.weight 19x1x3x3",
     "%r = mf.relu %x : !x\n%y = mf.depthwise_conv2d %r, %w {padding = [1, 1]} : !x, !w", "2x2x19"},
    {"depthwise_5_on_four", "2x2x19", "w dw.weight 19x1x5x5",
     "%r = mf.relu %x : !x\n%y = mf.depthwise_conv2d %r, %w {padding = [2, 2]} : !x, !w", "2x2x19"},
    {"depthwise_7_on_four", "2x2x19", "w dw.weight 19x1x7x7",
     "%r = mf.relu %x : !x\n%y = mf.depthwise_conv2d %r, %w {padding = [3, 3]} : !x, !w", "2x2x19"},
    {"depthwise_on_input", "5x7x19", "w dw.weight 19x1x3x3", "%y = mf.depthwise_conv2d %x, %w {padding = [1, 1]} : !x, !w",
     "5x7x19"},
    {"depthwise_oblong", "5x7x19", "w dw.weight 19x1x3x5",
     "%r = mf.relu %x : !x\n%y = mf.depthwise_conv2d %r, %w {padding = [1, 2]} : !x, !w", "5x7x19"},
    {"depthwise_residual", "5x7x19", "w dw.weight 19x1x3x3",
     "%r = mf.relu %x : !x\n%d = mf.depthwise_conv2d %r, %w {padding = [1, 1]} : !x, !w\n%y = mf.add %r, %d : !x", "5x7x19"},
    {"depthwise_pair", "5x7x19", "w dw1.weight 19x1x3x3, v dw2.weight 19x1x5x5",
     "%r = mf.relu %x : !x\n%d = mf.depthwise_conv2d %r, %w {padding = [1, 1]} : !x, !w\n"
     "%e = mf.depthwise_conv2d %r, %v {padding = [2, 2]} : !x, !v\n%y = mf.add %d, %e : !x",
     "5x7x19"},
    {"depthwise_between_linears", "5x7x9", "w pw1.weight 19x9, d dw.weight 19x1x7x7, v pw2.weight 9x19",
     "%f = mf.linear %x, %w : !x, !w\n%a = mf.gelu %f : tensor<?x5x7x19xf32>\n"
     "%g = mf.depthwise_conv2d %a, %d {padding = [3, 3]} : tensor<?x5x7x19xf32>, !d\n"
     "%y = mf.linear %g, %v : tensor<?x5x7x19xf32>, !v",
     "5x7x9"},

    // Norms.
    {"layer_norm_bare", "5x7x19", "", "%y = mf.layer_norm %x {eps = 1.0e-6} : !x", "5x7x19"},
    {"layer_norm_weight", "5x7x19", "g norm.weight 19", "%y = mf.layer_norm %x weight(%g : !g) {eps = 1.0e-6} : !x", "5x7x19"},
    {"layer_norm_bias", "5x7x19", "b norm.bias 19", "%y = mf.layer_norm %x bias(%b : !b) {eps = 1.0e-6} : !x", "5x7x19"},
    {"layer_norm", "5x7x67", "g norm.weight 67, b norm.bias 67",
     "%y = mf.layer_norm %x weight(%g : !g) bias(%b : !b) {eps = 1.0e-5} : !x", "5x7x67"},
    {"layer_norm_on_vectors", "5x7x19", "g norm.weight 19, b norm.bias 19",
     "%p = mf.global_avg_pool %x : !x\n%y = mf.layer_norm %p weight(%g : !g) bias(%b : !b) {eps = 1.0e-5} : !y", "19"},
    {"rms_norm_bare", "5x7x19", "", "%y = mf.rms_norm %x {eps = 1.0e-6} : !x", "5x7x19"},
    {"rms_norm", "5x7x19", "g norm.weight 19", "%y = mf.rms_norm %x weight(%g : !g) {eps = 1.0e-6} : !x", "5x7x19"},
    {"rms_norm_on_vectors", "5x7x19", "g norm.weight 19",
     "%p = mf.global_avg_pool %x : !x\n%y = mf.rms_norm %p weight(%g : !g) {eps = 1.0e-5} : !y", "19"},
    {"rms_norm_into_linear", "5x7x19", "g norm.weight 19, w fc.weight 13x19",
     "%n = mf.rms_norm %x weight(%g : !g) {eps = 1.0e-6} : !x\n%y = mf.linear %n, %w : !x, !w", "5x7x13"},
    {"layer_norm_chw_bare", "5x7x19", "", "%y = mf.layer_norm_chw %x {eps = 1.0e-5} : !x", "5x7x19"},
    {"layer_norm_chw_weight", "5x7x19", "g norm.weight 19x5x7", "%y = mf.layer_norm_chw %x weight(%g : !g) {eps = 1.0e-5} : !x",
     "5x7x19"},
    {"layer_norm_chw", "5x7x19", "g norm.weight 19x5x7, b norm.bias 19x5x7",
     "%y = mf.layer_norm_chw %x weight(%g : !g) bias(%b : !b) {eps = 1.0e-5} : !x", "5x7x19"},
    {"layer_norm_chw_into_linear", "3x2x35", "g norm.weight 35x3x2, b norm.bias 35x3x2, w fc.weight 13x35",
     "%r = mf.gelu %x : !x\n%n = mf.layer_norm_chw %r weight(%g : !g) bias(%b : !b) {eps = 1.0e-5} : !x\n"
     "%y = mf.linear %n, %w : !x, !w",
     "3x2x13"},
    {"layer_norm_chw_on_vectors", "5x7x19", "g norm.weight 19x1x1, b norm.bias 19x1x1",
     "%p = mf.global_avg_pool %x : !x\n%y = mf.layer_norm_chw %p weight(%g : !g) bias(%b : !b) {eps = 1.0e-5} : !y", "19"},
    {"group_norm_bare", "5x7x19", "", "%y = mf.group_norm %x {groups = 1, eps = 1.0e-5} : !x", "5x7x19"},
    {"group_norm", "5x7x19", "g norm.weight 19, b norm.bias 19",
     "%y = mf.group_norm %x weight(%g : !g) bias(%b : !b) {groups = 1, eps = 1.0e-5} : !x", "5x7x19"},
    {"group_norm_bias", "5x7x19", "b norm.bias 19", "%y = mf.group_norm %x bias(%b : !b) {groups = 1, eps = 1.0e-5} : !x",
     "5x7x19"},
    {"group_norm_of_three", "5x7x21", "g norm.weight 21, b norm.bias 21",
     "%y = mf.group_norm %x weight(%g : !g) bias(%b : !b) {groups = 3, eps = 1.0e-5} : !x", "5x7x21"},
    {"group_norm_of_four_wide", "3x5x44", "g norm.weight 44",
     "%r = mf.relu %x : !x\n%y = mf.group_norm %r weight(%g : !g) {groups = 4, eps = 1.0e-5} : !x", "3x5x44"},
    {"instance_norm", "5x7x19", "g norm.weight 19, b norm.bias 19",
     "%y = mf.group_norm %x weight(%g : !g) bias(%b : !b) {groups = 19, eps = 1.0e-5} : !x", "5x7x19"},
    {"group_norm_behind_linear", "5x7x9", "w fc.weight 22x9, g norm.weight 22, b norm.bias 22",
     "%f = mf.linear %x, %w : !x, !w\n%y = mf.group_norm %f weight(%g : !g) bias(%b : !b) {groups = 2, eps = 1.0e-5} : !y",
     "5x7x22"},
    {"group_norm_into_linear", "5x7x18", "g norm.weight 18, b norm.bias 18, w fc.weight 13x18, c fc.bias 13",
     "%n = mf.group_norm %x weight(%g : !g) bias(%b : !b) {groups = 2, eps = 1.0e-5} : !x\n"
     "%y = mf.linear %n, %w bias(%c : !c) : !x, !w",
     "5x7x13"},
    {"group_norm_on_vectors", "5x7x21", "g norm.weight 21, b norm.bias 21",
     "%p = mf.global_avg_pool %x : !x\n%y = mf.group_norm %p weight(%g : !g) bias(%b : !b) {groups = 3, eps = 1.0e-5} : !y",
     "21"},
    {"group_norm_residual", "5x7x19", "g norm.weight 19, b norm.bias 19",
     "%n = mf.group_norm %x weight(%g : !g) bias(%b : !b) {groups = 1, eps = 1.0e-5} : !x\n"
     "%q = mf.pool_mix %n {size = 3} : !x\n%y = mf.add %x, %q : !x",
     "5x7x19"},
    {"batch_norm_bare", "5x7x19", "m norm.running_mean 19, v norm.running_var 19",
     "%y = mf.batch_norm %x, %m, %v {eps = 1.0e-5} : !x, !m, !v", "5x7x19"},
    {"batch_norm", "5x7x19", "m norm.running_mean 19, v norm.running_var 19, g norm.weight 19, b norm.bias 19",
     "%y = mf.batch_norm %x, %m, %v weight(%g : !g) bias(%b : !b) {eps = 1.0e-5} : !x, !m, !v", "5x7x19"},
    {"batch_norm_weight", "5x7x19", "m norm.running_mean 19, v norm.running_var 19, g norm.weight 19",
     "%y = mf.batch_norm %x, %m, %v weight(%g : !g) {eps = 1.0e-5} : !x, !m, !v", "5x7x19"},
    {"batch_norm_bias", "5x7x19", "m norm.running_mean 19, v norm.running_var 19, b norm.bias 19",
     "%y = mf.batch_norm %x, %m, %v bias(%b : !b) {eps = 1.0e-5} : !x, !m, !v", "5x7x19"},
    {"batch_norm_on_vectors", "5x7x19", "m norm.running_mean 19, v norm.running_var 19, g norm.weight 19, b norm.bias 19",
     "%p = mf.global_avg_pool %x : !x\n"
     "%y = mf.batch_norm %p, %m, %v weight(%g : !g) bias(%b : !b) {eps = 1.0e-5} : !y, !m, !v",
     "19"},
    {"batch_norm_behind_linear", "5x7x19",
     "w fc.weight 13x19, c fc.bias 13, m norm.running_mean 13, v norm.running_var 13, g norm.weight 13, b norm.bias 13",
     "%f = mf.linear %x, %w bias(%c : !c) : !x, !w\n"
     "%y = mf.batch_norm %f, %m, %v weight(%g : !g) bias(%b : !b) {eps = 1.0e-5} : !y, !m, !v",
     "5x7x13"},
    {"batch_norm_before_linear", "5x7x19",
     "w fc.weight 13x19, c fc.bias 13, m norm.running_mean 19, v norm.running_var 19, g norm.weight 19, b norm.bias 19",
     "%n = mf.batch_norm %x, %m, %v weight(%g : !g) bias(%b : !b) {eps = 1.0e-5} : !x, !m, !v\n"
     "%y = mf.linear %n, %w bias(%c : !c) : !x, !w",
     "5x7x13"},
    {"batch_norm_between_linears", "5x7x9",
     "w fc1.weight 19x9, m norm.running_mean 19, v norm.running_var 19, u fc2.weight 13x19",
     "%f = mf.linear %x, %w : !x, !w\n%n = mf.batch_norm %f, %m, %v {eps = 1.0e-5} : tensor<?x5x7x19xf32>, !m, !v\n"
     "%y = mf.linear %n, %u : tensor<?x5x7x19xf32>, !u",
     "5x7x13"},
    {"batch_norm_behind_depthwise", "5x7x19",
     "w dw.weight 19x1x3x3, m norm.running_mean 19, v norm.running_var 19, g norm.weight 19, b norm.bias 19",
     "%r = mf.relu %x : !x\n%f = mf.depthwise_conv2d %r, %w {padding = [1, 1]} : !x, !w\n"
     "%y = mf.batch_norm %f, %m, %v weight(%g : !g) bias(%b : !b) {eps = 1.0e-5} : !x, !m, !v",
     "5x7x19"},
    {"batch_norm_before_depthwise", "5x7x19",
     "w dw.weight 19x1x3x3, m norm.running_mean 19, v norm.running_var 19, g norm.weight 19, b norm.bias 19",
     "%n = mf.batch_norm %x, %m, %v weight(%g : !g) bias(%b : !b) {eps = 1.0e-5} : !x, !m, !v\n"
     "%y = mf.depthwise_conv2d %n, %w {padding = [1, 1]} : !x, !w",
     "5x7x19"},

    // Mixers.
    {"pool_mix_3", "5x7x19", "", "%y = mf.pool_mix %x {size = 3} : !x", "5x7x19"},
    {"pool_mix_5", "5x7x19", "", "%r = mf.relu %x : !x\n%y = mf.pool_mix %r {size = 5} : !x", "5x7x19"},
    {"pool_mix_1", "2x3x19", "", "%y = mf.pool_mix %x {size = 1} : !x", "2x3x19"},
    {"pool_mix_3_on_one", "1x1x19", "", "%y = mf.pool_mix %x {size = 3} : !x", "1x1x19"},
    {"pool_mix_5_on_four", "2x2x19", "", "%r = mf.relu %x : !x\n%y = mf.pool_mix %r {size = 5} : !x", "2x2x19"},
    {"pool_mix_7_on_six", "2x3x35", "", "%r = mf.relu %x : !x\n%y = mf.pool_mix %r {size = 7} : !x", "2x3x35"},
    {"pool_mix_7_on_a_line", "1x9x19", "", "%y = mf.pool_mix %x {size = 7} : !x", "1x9x19"},
    {"spatial_matmul", "3x5x19", "r random_matrix 15x15", "%y = mf.spatial_matmul %x, %r : !x, !r", "3x5x19"},
    {"spatial_matmul_bias", "3x5x19", "r fc.weight 15x15, b fc.bias 15", "%y = mf.spatial_matmul %x, %r bias(%b : !b) : !x, !r",
     "3x5x19"},
    {"spatial_matmul_of_one", "1x1x35", "r fc.weight 1x1, b fc.bias 1", "%y = mf.spatial_matmul %x, %r bias(%b : !b) : !x, !r",
     "1x1x35"},
    {"spatial_matmul_in_branch", "7x7x19", "g norm.weight 19, b norm.bias 19, r fc.weight 49x49, c fc.bias 49, s layer.scale 19",
     "%n = mf.layer_norm %x weight(%g : !g) bias(%b : !b) {eps = 1.0e-6} : !x\n"
     "%m = mf.spatial_matmul %n, %r bias(%c : !c) : !x, !r\n%l = mf.scale %m, %s : !x, !s\n%y = mf.add %x, %l : !x",
     "7x7x19"},
    {"attention_1_of_1", "1x1x5", "w qkv.weight 9x5",
     "%q = mf.linear %x, %w : !x, !w\n"
     "%y = mf.attention %q {heads = 3, head_dim = 1, scale = 1.0} : tensor<?x1x1x9xf32>",
     "1x1x3"},
    {"attention_1_of_49", "7x7x5", "w qkv.weight 6x5, b qkv.bias 6",
     "%q = mf.linear %x, %w bias(%b : !b) : !x, !w\n"
     "%y = mf.attention %q {heads = 2, head_dim = 1, scale = 1.0} : tensor<?x7x7x6xf32>",
     "7x7x2"},
    {"attention_20_of_5", "1x5x40", "w qkv.weight 120x40",
     "%q = mf.linear %x, %w : !x, !w\n"
     "%y = mf.attention %q {heads = 2, head_dim = 20, scale = 0.22360679774997896} : tensor<?x1x5x120xf32>",
     "1x5x40"},
    {"attention_32_of_49", "7x7x64", "w qkv.weight 192x64",
     "%q = mf.linear %x, %w : !x, !w\n"
     "%y = mf.attention %q {heads = 2, head_dim = 32, scale = 0.17677669529663687} : tensor<?x7x7x192xf32>",
     "7x7x64"},
    {"attention_32_of_1", "1x1x64", "w qkv.weight 192x64",
     "%q = mf.linear %x, %w : !x, !w\n"
     "%y = mf.attention %q {heads = 2, head_dim = 32, scale = 0.17677669529663687} : tensor<?x1x1x192xf32>",
     "1x1x64"},
    {"attention_48_of_49", "7x7x48", "w qkv.weight 144x48",
     "%q = mf.linear %x, %w : !x, !w\n"
     "%y = mf.attention %q {heads = 1, head_dim = 48, scale = 0.14433756729740643} : tensor<?x7x7x144xf32>",
     "7x7x48"},
    {"attention_branch", "5x5x40", "g norm.weight 40, w qkv.weight 120x40, v proj.weight 40x40, c proj.bias 40",
     "%n = mf.layer_norm %x weight(%g : !g) {eps = 1.0e-6} : !x\n%q = mf.linear %n, %w : !x, !w\n"
     "%a = mf.attention %q {heads = 2, head_dim = 20, scale = 0.22360679774997896} : tensor<?x5x5x120xf32>\n"
     "%p = mf.linear %a, %v bias(%c : !c) : !x, !v\n%y = mf.add %x, %p : !x",
     "5x5x40"},
    {"global_avg_pool", "5x7x19", "", kPool, "19"},
    {"global_avg_pool_of_one", "1x1x19", "", kPool, "19"},
    {"global_avg_pool_of_many", "15x13x33", "", kPool, "33"},

    // Values that more than one op reads, parameters that more than one op reads, more rows than a block holds.
    {"value_kept", "5x7x19", "w fc.weight 13x19", "%f = mf.linear %x, %w : !x, !w\n%a = mf.gelu %f : !y\n%y = mf.add %f, %a : !y",
     "5x7x13"},
    {"scale_of_shared_product", "5x7x19", "w fc.weight 13x19, s layer.scale 13",
     "%f = mf.linear %x, %w : !x, !w\n%a = mf.scale %f, %s : !y, !s\n%y = mf.add %f, %a : !y", "5x7x13"},
    {"tied_weights", "5x7x19", "w fc.weight 19x19, b fc.bias 19, g norm.weight 19",
     "%f = mf.linear %x, %w bias(%b : !b) : !x, !w\n%n = mf.layer_norm %f weight(%g : !g) {eps = 1.0e-6} : !x\n"
     "%y = mf.linear %n, %w bias(%b : !b) : !x, !w",
     "5x7x19"},
    {"tied_weights_scaled_twice", "5x7x19", "w fc.weight 19x19, s layer.scale 19, r res.scale 1",
     "%f = mf.linear %x, %w : !x, !w\n%g = mf.scale %f, %s : !x, !s\n%h = mf.linear %g, %w : !x, !w\n"
     "%y = mf.scale %h, %r : !x, !r",
     "5x7x19"},
    {"group_norms_of_one_map", "5x7x19", "g norm1.weight 19, b norm1.bias 19, h norm2.weight 19, w fc.weight 19x19",
     "%n = mf.group_norm %x weight(%g : !g) bias(%b : !b) {groups = 1, eps = 1.0e-5} : !x\n"
     "%m = mf.group_norm %x weight(%h : !h) {groups = 1, eps = 1.0e-5} : !x\n"
     "%q = mf.pool_mix %n {size = 3} : !x\n%f = mf.linear %m, %w : !x, !w\n%y = mf.add %f, %q : !x",
     "5x7x19"},
    {"group_norm_into_padded_convolution", "5x7x19", "g norm.weight 19, b norm.bias 19, w conv.weight 11x19x3x3",
     "%n = mf.group_norm %x weight(%g : !g) bias(%b : !b) {groups = 1, eps = 1.0e-5} : !x\n"
     "%y = mf.conv2d %n, %w {stride = [2, 2], padding = [1, 1]} : !x, !w",
     "3x4x11"},
    {"group_norm_into_spatial_matmul", "3x5x19", "g norm.weight 19, b norm.bias 19, r fc.weight 15x15, c fc.bias 15",
     "%n = mf.group_norm %x weight(%g : !g) bias(%b : !b) {groups = 1, eps = 1.0e-5} : !x\n"
     "%y = mf.spatial_matmul %n, %r bias(%c : !c) : !x, !r",
     "3x5x19"},
    {"batch_norm_into_product_and_sum", "5x7x19",
     "m norm.running_mean 19, v norm.running_var 19, b norm.bias 19, w fc.weight 19x19",
     "%n = mf.batch_norm %x, %m, %v bias(%b : !b) {eps = 1.0e-5} : !x, !m, !v\n"
     "%f = mf.linear %n, %w : !x, !w\n%y = mf.add %n, %f : !x",
     "5x7x19"},
    {"depthwise_behind_depthwise", "5x7x19", "w dw1.weight 19x1x3x3, v dw2.weight 19x1x5x5, s layer.scale 19",
     "%r = mf.relu %x : !x\n%d = mf.depthwise_conv2d %r, %w {padding = [1, 1]} : !x, !w\n%e = mf.scale %d, %s : !x, !s\n"
     "%y = mf.depthwise_conv2d %e, %v {padding = [2, 2]} : !x, !v",
     "5x7x19"},
    {"mlp_of_many_rows", "23x29x40", "g norm.weight 40, w fc1.weight 164x40, v fc2.weight 40x164, c fc2.bias 40",
     "%n = mf.layer_norm %x weight(%g : !g) {eps = 1.0e-6} : !x\n%h = mf.linear %n, %w : !x, !w\n"
     "%a = mf.squared_relu %h : tensor<?x23x29x164xf32>\n%f = mf.linear %a, %v bias(%c : !c) : tensor<?x23x29x164xf32>, !v\n"
     "%y = mf.add %x, %f : !x",
     "23x29x40"},
    {"group_norm_of_many_rows", "23x29x40", "g norm.weight 40, b norm.bias 40, w fc.weight 24x40",
     "%n = mf.group_norm %x weight(%g : !g) bias(%b : !b) {groups = 4, eps = 1.0e-5} : !x\n%y = mf.linear %n, %w : !x, !w",
     "23x29x24"},
    {"conv2d_of_many_rows", "23x29x16", "w conv.weight 24x16x3x3",
     "%y = mf.conv2d %x, %w {stride = [1, 1], padding = [1, 1]} : !x, !w", "23x29x24"},
    {"spatial_matmul_of_196", "14x14x40", "r random_matrix 196x196", "%y = mf.spatial_matmul %x, %r : !x, !r", "14x14x40"},
    {"attention_32_of_196", "14x14x64", "w qkv.weight 192x64",
     "%q = mf.linear %x, %w : !x, !w\n"
     "%y = mf.attention %q {heads = 2, head_dim = 32, scale = 0.17677669529663687} : tensor<?x14x14x192xf32>",
     "14x14x64"},
};

} // namespace archc::conformance

#endif // ARCHC_TEST_PASSES_CONFORMANCECASES_H
