#include "tools/simulate/picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "tools/simulate/format.h"
#include "tools/simulate/report.h"

namespace spillway::sim {
namespace {

constexpr double kWidth = 1200, kHeight = 760;
constexpr double kLeft = 96, kRight = 1180;
constexpr double kLine = 24;  // between two rows of events, and two of the legend
constexpr char kInk[] = "#1a202c", kGrey[] = "#a0aec0", kRed[] = "#e53e3e", kHome[] = "#3182ce";
constexpr auto kClouds = std::to_array<const char*>({"#dd6b20", "#38a169", "#805ad5", "#b83280"});

// By site; 0 is home.
const char* Colour(std::size_t site) { return site == 0 ? kHome : kClouds.at((site - 1) % kClouds.size()); }

std::string Escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '&') {
      safe += "&amp;";
    } else if (c == '<') {
      safe += "&lt;";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string Label(double x, double y, const char* anchor, const std::string& text, const char* more = "") {
  return Format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>", x, y, anchor, more) + Escaped(text) + "</text>\n";
}

std::string Stroke(double x1, double y1, double x2, double y2, const char* colour, const char* more = "") {
  return Format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" %s/>\n", x1, y1, x2, y2, colour,
                more);
}

std::string Block(double x1, double y1, double x2, double y2, const char* colour, double opacity = 1) {
  return Format("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\" fill-opacity=\"%.2f\"/>\n", x1,
                y1, std::max(1.0, x2 - x1), y2 - y1, colour, opacity);
}

// The smallest step of 1, 2, 5 times a power of ten that needs at most `marks` steps.
double NiceStep(double most, int marks) {
  double step = std::pow(10, std::floor(std::log10(most / marks)));
  for (const double times : {2.0, 2.5, 2.0, 2.0}) {
    if (most / step <= marks) break;
    step *= times;
  }
  return std::max(step, 1.0);
}

class Picture {
 public:
  Picture(const Scenario& scenario, const Outcomes& outcomes) : scenario_(scenario), outcomes_(outcomes) {
    last_ = std::max(1.0, Seconds(outcomes.samples.back().at));
    for (std::size_t site = 1; site < scenario.sites(); ++site) {
      factors_.push_back(scenario.app.policy.overflow[site - 1].capacity_factor);
    }
  }

  std::string Draw() {
    Head();
    Legend();
    Replicas(128, 380);
    Shares(420, 560);
    const double end = Events(600);
    TimeAxis(end);
    return svg_ + "</svg>\n";
  }

 private:
  using Of = std::function<double(const Sample&)>;

  double X(Duration at) const { return kLeft + (kRight - kLeft) * std::clamp(Seconds(at) / last_, 0.0, 1.0); }

  // Counts hold until the next sample, so lines of counts are steps.
  std::string Points(double top, double bottom, double most, bool steps, const Of& of) const {
    std::string points;
    double y = 0;
    for (const Sample& sample : outcomes_.samples) {
      const double before = std::exchange(y, bottom - (bottom - top) * std::min(1.0, of(sample) / most));
      if (steps && !points.empty()) points += Format("%.1f,%.1f ", X(sample.at), before);
      points += Format("%.1f,%.1f ", X(sample.at), y);
    }
    return points;
  }
  void Line(const std::string& points, const char* colour, const char* more) {
    svg_ += Format("<polyline fill=\"none\" stroke=\"%s\" %s points=\"", colour, more) + points + "\"/>\n";
  }
  void Area(const std::string& points, double bottom, const char* colour) {
    svg_ += Format("<polygon fill=\"%s\" fill-opacity=\"0.3\" points=\"%.1f,%.1f ", colour, kLeft, bottom) + points +
            Format("%.1f,%.1f\"/>\n", kRight, bottom);
  }

  void Head() {
    svg_ += Format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" "
        "font-size=\"13\">\n<rect width=\"%.0f\" height=\"%.0f\" fill=\"white\"/>\n",
        kWidth, kHeight, kWidth, kHeight);
    svg_ += Label(kLeft, 28, "start", scenario_.app.name + ": " + WhatWasPlayed(scenario_),
                  "font-size=\"17\" font-weight=\"bold\"");
    svg_ += Label(kLeft, 50, "start", Summary(scenario_, outcomes_), "fill=\"#4a5568\"");
  }

  // Advances by about the width of the text.
  void Key(double& x, double y, const std::string& sample, const std::string& text) {
    svg_ +=
        Format("<g transform=\"translate(%.1f %.1f)\">", x, y) + sample + "</g>\n" + Label(x + 34, y, "start", text);
    x += 52 + 7.7 * static_cast<double>(text.size());
  }

  void Legend() {
    const auto dash = [](const char* colour, const char* more) { return Stroke(0, -4, 28, -4, colour, more); };
    double x = kLeft;
    Key(x, 76, dash(kInk, "stroke-width=\"2\""), "demand");
    Key(x, 76, dash(kGrey, "stroke-dasharray=\"6 4\" stroke-width=\"2\""), "home's maximum");
    for (std::size_t site = 0; site < scenario_.sites(); ++site) {
      Key(x, 76, Block(0, -12, 28, 2, Colour(site), 0.3), scenario_.site_names()[site] + " ready");
    }
    Key(x, 76, dash(Colour(1), "stroke-dasharray=\"4 3\""), "overflow ordered");
    x = kLeft;
    Key(x, 76 + kLine, dash(Colour(1), "stroke-dasharray=\"2 3\" stroke-width=\"2\""), "share intended");
    Key(x, 76 + kLine, dash(Colour(1), "stroke-width=\"2\""), "share written to Avi");
    Key(x, 76 + kLine, dash(kInk, "stroke-opacity=\"0.6\""), "share measured");
    Key(x, 76 + kLine, Block(0, -12, 28, 2, kRed), "overload: more work than the replicas are meant to carry");
  }

  void Axis(double top, double bottom, double most, double step, const char* unit, const std::string& name) {
    for (double mark = 0; mark <= most + 1e-9; mark += step) {
      const double y = bottom - (bottom - top) * mark / most;
      svg_ += Stroke(kLeft, y, kRight, y, "#e2e8f0");
      svg_ += Label(kLeft - 8, y + 4, "end", Format("%g%s", mark, unit));
    }
    svg_ += Label(0, 0, "middle", name,
                  Format("transform=\"translate(22 %.1f) rotate(-90)\" fill=\"#4a5568\"", (top + bottom) / 2).c_str());
  }

  double Stacked(const Sample& sample, std::size_t sites, bool ordered) const {
    double sum = sample.sites[0].ready;
    for (std::size_t site = 1; site <= sites; ++site) {
      sum += (ordered ? sample.sites[site].ordered : sample.sites[site].ready) * factors_[site - 1];
    }
    return sum;
  }

  void Replicas(double top, double bottom) {
    const std::size_t all = scenario_.sites() - 1;
    double most = scenario_.home_max;
    for (const Sample& sample : outcomes_.samples) {
      most = std::max({most, sample.demand, Stacked(sample, all, false), Stacked(sample, all, true)});
    }
    const double step = NiceStep(most, 8);
    most = step * std::ceil(most / step);
    Axis(top, bottom, most, step, "", "replicas of home");
    for (std::size_t site = all + 1; site-- > 0;) {
      const std::string points =
          Points(top, bottom, most, true, [&](const Sample& sample) { return Stacked(sample, site, false); });
      svg_ += "<!-- the lower ones cover what is stacked under the higher -->\n";
      svg_ += Format("<polygon fill=\"white\" points=\"%.1f,%.1f ", kLeft, bottom) + points +
              Format("%.1f,%.1f\"/>\n", kRight, bottom);
      Area(points, bottom, Colour(site));
    }
    for (std::size_t site = 1; site <= all; ++site) {
      Line(Points(top, bottom, most, true, [&](const Sample& sample) { return Stacked(sample, site, true); }),
           Colour(site), "stroke-dasharray=\"4 3\"");
    }
    const double full = bottom - (bottom - top) * scenario_.home_max / most;
    svg_ += Stroke(kLeft, full, kRight, full, kGrey, "stroke-dasharray=\"6 4\" stroke-width=\"2\"");
    Line(Points(top, bottom, most, false, [](const Sample& sample) { return sample.demand; }), kInk,
         "stroke-width=\"2\"");
  }

  void Shares(double top, double bottom) {
    double most = 0.2;
    for (const Sample& sample : outcomes_.samples) {
      for (std::size_t site = 1; site < sample.sites.size(); ++site) {
        most = std::max({most, sample.sites[site].written, sample.sites[site].intended, sample.sites[site].measured});
      }
    }
    most = std::ceil(most * 5) / 5;
    Axis(top, bottom, 100 * most, 20, " %", "share of overflow");
    for (std::size_t site = 1; site < scenario_.sites(); ++site) {
      const auto line = [&](double SiteSample::*share, const char* colour, const char* more, bool steps) {
        Line(Points(top, bottom, most, steps, [&](const Sample& sample) { return sample.sites[site].*share; }), colour,
             more);
      };
      line(&SiteSample::measured, site == 1 ? kInk : Colour(site), "stroke-opacity=\"0.6\"", false);
      line(&SiteSample::intended, Colour(site), "stroke-dasharray=\"2 3\" stroke-width=\"2\"", true);
      line(&SiteSample::written, Colour(site), "stroke-width=\"2\"", true);
    }
  }

  // Answers where the last row ends.
  double Events(double y) {
    const auto row = [&](const std::string& name) {
      svg_ += Label(kLeft - 8, y, "end", name);
      svg_ += Stroke(kLeft, y + 4, kRight, y + 4, "#e2e8f0");
    };
    row("overload");
    const auto& samples = outcomes_.samples;
    for (std::size_t i = 1; i < samples.size(); ++i) {
      if (samples[i].overload < 0.005) continue;
      svg_ += Block(X(samples[i - 1].at), y - 12, X(samples[i].at), y + 4, kRed,
                    std::clamp(0.15 + samples[i].overload, 0.0, 1.0));
    }
    y += kLine;
    row("draining");
    for (const DrainSpan& drain : outcomes_.drains) {
      const auto names = scenario_.site_names();
      const auto site = static_cast<std::size_t>(std::find(names.begin(), names.end(), drain.site) - names.begin());
      svg_ += Block(X(drain.began), y - 8, X(drain.began + drain.took), y + 2, Colour(site), 0.7);
    }
    for (const bool gslb : {false, true}) {
      y += kLine;
      row(gslb ? "GSLB writes" : "scale writes");
      for (const SeenWrite& write : outcomes_.writes) {
        if (write.gslb != gslb) continue;
        svg_ +=
            Stroke(X(write.at), y - 10, X(write.at), y + 4, gslb ? kInk : Colour(write.site), "stroke-width=\"1.5\"");
      }
    }
    return y + 4;
  }

  void TimeAxis(double y) {
    constexpr auto kSteps = std::to_array<double>({60, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400});
    double step = kSteps.back();
    for (auto at = kSteps.rbegin(); at != kSteps.rend() && last_ / *at <= 13; ++at) step = *at;
    while (last_ / step > 13) step *= 2;
    for (double mark = 0; mark <= last_ + 1; mark += step) {
      const double x = X(FromSeconds(mark));
      svg_ += Stroke(x, 128, x, y + 6, "#cbd5e0", "stroke-opacity=\"0.5\"");
      const auto minutes = static_cast<long>(mark / 60);
      svg_ += Label(x, y + 24, "middle", Format("%ld:%02ld", minutes / 60, minutes % 60));
    }
    svg_ += Label((kLeft + kRight) / 2, y + 46, "middle", "time since the start, hours:minutes", "fill=\"#4a5568\"");
  }

  const Scenario& scenario_;
  const Outcomes& outcomes_;
  double last_ = 1;
  std::vector<double> factors_;
  std::string svg_;
};

}  // namespace

std::string PictureSvg(const Scenario& scenario, const Outcomes& outcomes) {
  if (outcomes.samples.empty()) return "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n";
  return Picture(scenario, outcomes).Draw();
}

}  // namespace spillway::sim
