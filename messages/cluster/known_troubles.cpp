#include "messages/cluster/known_troubles.hpp"

#include <utility>

namespace waybill {

void known_troubles::tell(const std::string& name, std::string sentence, std::optional<milliseconds> lasts) {
  trouble told{std::move(sentence), std::nullopt};
  if (lasts)
    told.until = clock::now() + *lasts;
  const std::lock_guard lock{mutex_};
  troubles_.insert_or_assign(name, std::move(told));
}

void known_troubles::forget(const std::string& name) {
  const std::lock_guard lock{mutex_};
  troubles_.erase(name);
}

void known_troubles::set(const std::string& name, std::string sentence) {
  if (sentence.empty())
    forget(name);
  else
    tell(name, std::move(sentence));
}

std::vector<std::string> known_troubles::sentences(clock::time_point now) const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> all;
  for (const auto& [name, known] : troubles_)
    if (!known.until || now < *known.until)
      all.push_back(known.sentence);
  return all;
}

} // namespace waybill
