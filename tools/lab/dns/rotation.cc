#include "tools/lab/dns/rotation.h"

#include <algorithm>
#include <numeric>

namespace spillway::lab {
namespace {

int Sum(const std::vector<Candidate>& candidates) {
  return std::accumulate(candidates.begin(), candidates.end(), 0,
                         [](int sum, const Candidate& c) { return sum + c.ratio; });
}

// Everybody gains his ratio, the richest pays the sum; answers the richest.
std::size_t Turn(const std::vector<Candidate>& candidates, std::vector<int>& credit) {
  for (std::size_t i = 0; i < candidates.size(); ++i) credit[i] += candidates[i].ratio;
  const auto richest = static_cast<std::size_t>(std::max_element(credit.begin(), credit.end()) - credit.begin());
  credit[richest] -= Sum(candidates);
  return richest;
}

std::string Signature(const std::vector<Candidate>& candidates) {
  std::string text;
  for (const Candidate& c : candidates) text += c.key + '=' + std::to_string(c.ratio) + ';';
  return text;
}

}  // namespace

void Rotation::Begin(State& state, const std::vector<Candidate>& candidates, const std::string& signature) {
  state.signature = signature;
  state.credit.assign(candidates.size(), 0);
  const auto round = static_cast<std::uint64_t>(std::max(1, Sum(candidates)));
  for (std::uint64_t skip = rng_.Below(round); skip > 0; --skip) Turn(candidates, state.credit);
}

std::vector<std::size_t> Rotation::Pick(const std::string& pool, const std::vector<Candidate>& candidates,
                                        std::size_t count) {
  if (candidates.empty()) return {};
  State& state = pools_[pool];
  if (const std::string signature = Signature(candidates); state.signature != signature) {
    Begin(state, candidates, signature);
  }
  const std::size_t first = Turn(candidates, state.credit);
  std::vector<std::size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), 0);
  // Behind the first, those who would come next.
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if ((a == first) != (b == first)) return a == first;
    return state.credit[a] > state.credit[b];
  });
  if (count != 0 && count < order.size()) order.resize(count);
  return order;
}

}  // namespace spillway::lab
