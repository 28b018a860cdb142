#include "tools/lab/kubernetes/selector.h"

#include <algorithm>

namespace spillway::lab::kube {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Cuts at commas that stand outside parentheses.
std::vector<std::string_view> Terms(std::string_view text) {
  std::vector<std::string_view> terms;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == ',' && depth == 0)) {
      if (!Trim(text.substr(start, i - start)).empty()) terms.push_back(Trim(text.substr(start, i - start)));
      start = i + 1;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')') {
      --depth;
    }
  }
  return terms;
}

// "in (a,b)" -> {a,b}; not a list in parentheses: nothing.
std::vector<std::string> Values(std::string_view text) {
  text = Trim(text);
  std::vector<std::string> values;
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return values;
  text = text.substr(1, text.size() - 2);
  for (;;) {
    const std::size_t comma = std::min(text.find(','), text.size());
    values.emplace_back(Trim(text.substr(0, comma)));
    if (comma == text.size()) return values;
    text.remove_prefix(comma + 1);
  }
}

Error Malformed(std::string_view term) {
  return {Code::kRejected, "unable to parse requirement: \"" + std::string(term) + "\""};
}

}  // namespace

Result<Selector> Selector::Labels(std::string_view text) {
  Selector selector;
  selector.of_labels_ = true;
  for (const std::string_view term : Terms(text)) {
    const std::size_t space = term.find(' ');
    const std::size_t equals = term.find('=');
    if (equals == std::string_view::npos && space != std::string_view::npos) {
      const std::string_view rest = Trim(term.substr(space));
      const bool negated = rest.starts_with("notin");
      std::vector<std::string> values = Values(rest.substr(std::min<std::size_t>(negated ? 5 : 2, rest.size())));
      if (values.empty() || (!negated && !rest.starts_with("in"))) return Malformed(term);
      selector.terms_.push_back(
          {std::string(term.substr(0, space)), negated ? Op::kNotIn : Op::kIn, std::move(values)});
    } else if (equals == std::string_view::npos) {
      const bool absent = term.starts_with("!");
      selector.terms_.push_back({std::string(term.substr(absent ? 1 : 0)), absent ? Op::kAbsent : Op::kExists, {}});
    } else {
      const bool negated = equals > 0 && term[equals - 1] == '!';
      std::string_view value = term.substr(equals + 1);
      if (value.starts_with("=")) value.remove_prefix(1);
      const std::string_view key = Trim(term.substr(0, equals - (negated ? 1 : 0)));
      if (key.empty()) return Malformed(term);
      selector.terms_.push_back({std::string(key), negated ? Op::kNotIn : Op::kIn, {std::string(Trim(value))}});
    }
  }
  return selector;
}

Result<Selector> Selector::Fields(std::string_view text) {
  Result<Selector> selector = Labels(text);
  if (!selector) return selector;
  selector->of_labels_ = false;
  for (const Term& term : selector->terms_) {
    if (term.op == Op::kExists || term.op == Op::kAbsent || term.values.size() != 1) {
      return Error{Code::kRejected, "invalid selector: '" + std::string(text) + "'; can't understand it"};
    }
  }
  return selector;
}

bool Selector::TermFits(const Term& term, const Tree* value) {
  const bool listed =
      value != nullptr && std::find(term.values.begin(), term.values.end(), value->String()) != term.values.end();
  switch (term.op) {
    case Op::kIn:
      return listed;
    case Op::kNotIn:
      return !listed;
    case Op::kExists:
      return value != nullptr;
    case Op::kAbsent:
      return value == nullptr;
  }
  return false;
}

bool Selector::Fits(const Tree& object) const {
  static const Tree kEmpty("");
  for (const Term& term : terms_) {
    const Tree* value = nullptr;
    if (of_labels_) {
      value = object.At("metadata.labels").Find(term.key);
    } else {
      const Tree& at = object.At(term.key);
      value = at.IsNull() ? &kEmpty : &at;  // an unset field equals the empty string
    }
    if (!TermFits(term, value)) return false;
  }
  return true;
}

std::vector<std::string> Selector::Paths() const {
  std::vector<std::string> paths;
  for (const Term& term : terms_) paths.push_back(term.key);
  return paths;
}

void Selector::RenamePrefix(std::string_view from, std::string_view to) {
  for (Term& term : terms_) {
    if (term.key.starts_with(from)) term.key.replace(0, from.size(), to);
  }
}

std::string Selector::Pinned(std::string_view path) const {
  for (const Term& term : terms_) {
    if (term.key == path && term.op == Op::kIn && term.values.size() == 1) return term.values[0];
  }
  return {};
}

}  // namespace spillway::lab::kube
