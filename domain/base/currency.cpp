#include "domain/base/currency.hpp"

#include <algorithm>
#include <array>

namespace waybill {

namespace {

/// ISO 4217, list one, each three letters behind each other: the codes in use with a minor unit, and those that were
/// replaced in the last two years (ANG, BGN), in which prices may still be stored. By the number of decimals.
struct currencies {
  int decimals;
  std::string_view codes;
};

constexpr std::array table{
  currencies{0, "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXUYIVNDVUVXAFXOFXPF"},
  currencies{2, "AEDAFNALLAMDANGAOAARSAUDAWGAZNBAMBBDBDTBGNBMDBNDBOBBOVBRLBSDBTNBWPBYNBZDCADCDFCHECHFCHWCNYCOPCOUCRCCUP"
                "CVECZKDKKDOPDZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGTQGYDHKDHNLHTGHUFIDRILSINRIRRJMDKESKGSKHRKPWKYDKZTLAK"
                "LBPLKRLRDLSLMADMDLMGAMKDMMKMNTMOPMRUMURMVRMWKMXNMXVMYRMZNNADNGNNIONOKNPRNZDPABPENPGKPHPPKRPLNQARRONRSD"
                "RUBSARSBDSCRSDGSEKSGDSHPSLESOSSRDSSPSTNSVCSYPSZLTHBTJSTMTTOPTRYTTDTWDTZSUAHUSDUSNUYUUZSVEDVESWSTXCDXCG"
                "YERZARZMWZWG"},
  currencies{3, "BHDIQDJODKWDLYDOMRTND"},
  currencies{4, "CLFUYW"},
};

constexpr std::size_t code_length = 3;

bool contains(std::string_view codes, std::string_view code) noexcept {
  for (std::size_t at = 0; at < codes.size(); at += code_length)
    if (codes.substr(at, code_length) == code)
      return true;
  return false;
}

} // namespace

std::optional<int> decimals_of(std::string_view code) noexcept {
  const auto row =
    std::find_if(table.begin(), table.end(), [&](const currencies& x) { return contains(x.codes, code); });
  return row == table.end() ? std::nullopt : std::optional{row->decimals};
}

bool has_currency_form(std::string_view code) noexcept {
  return code.size() == code_length
         && std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::string to_text(const money& amount) {
  const bool negative = amount.amount < 0;
  // The lowest number has no positive one.
  auto digits = std::to_string(amount.amount).substr(negative ? 1 : 0);
  if (const auto decimals = static_cast<std::size_t>(decimals_of(amount.currency).value_or(0)); decimals > 0) {
    if (digits.size() <= decimals)
      digits.insert(0, decimals + 1 - digits.size(), '0');
    digits.insert(digits.size() - decimals, 1, '.');
  }
  return (negative ? "-" : "") + digits + (amount.currency.empty() ? "" : " " + amount.currency);
}

} // namespace waybill
