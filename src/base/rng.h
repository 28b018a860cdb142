// Seeded randomness that gives the same numbers everywhere (the standard's distributions differ between libraries).
#ifndef SPILLWAY_SRC_BASE_RNG_H_
#define SPILLWAY_SRC_BASE_RNG_H_

#include <cstdint>

namespace spillway {

// SplitMix64. Not for secrets.
// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
class Rng {
 public:
  explicit constexpr Rng(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t Next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  // Evenly in [0, 1).
  constexpr double Fraction() { return static_cast<double>(Next() >> 11U) * 0x1.0p-53; }
  // Evenly in [0, bound); bound > 0. The bias is below bound / 2^64.
  constexpr std::uint64_t Below(std::uint64_t bound) { return Next() % bound; }
  constexpr bool Chance(double p) { return Fraction() < p; }
  // A generator of its own, so that one part's draws do not shift another's.
  constexpr Rng Split() { return Rng(Next()); }

 private:
  std::uint64_t state_;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_RNG_H_
