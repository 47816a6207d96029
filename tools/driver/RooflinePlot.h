//===- RooflinePlot.h - The roofline as a picture -------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_ROOFLINEPLOT_H
#define ARCHC_TOOLS_DRIVER_ROOFLINEPLOT_H

#include "tools/driver/Roofline.h"

namespace archc::driver {

/// The kernels of one batch size; drawn in one colour.
struct PlotSeries {
  std::string name; // "batch 8"
  std::vector<KernelRow> rows;
};

/// An SVG: FLOP per byte and GFLOP/s, both logarithmic; a roof for the FMA peak and one for each level of memory; a dot for each
/// kernel, as large as its share, with its number. The steps that take most of the time are listed beside the picture.
std::string rooflineSvg(const std::string &title, const Machine &machine, const std::vector<PlotSeries> &series);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_ROOFLINEPLOT_H
