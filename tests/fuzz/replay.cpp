#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

/// Runs a target over the inputs that are kept: `replay <folder>`. Prints the file before it is tried, so that the last
/// line names the one that ended the process.
int main(int count, char** words) {
  if (count != 2 || !std::filesystem::is_directory(words[1])) {
    std::cerr << "usage: replay <folder with inputs>\n";
    return 2;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{words[1]})
    files.push_back(entry.path());
  std::ranges::sort(files);
  for (const auto& path : files) {
    std::cout << path.filename().string() << std::endl;
    std::ifstream file{path, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  }
  std::cout << files.size() << " inputs\n";
  return files.empty() ? 1 : 0;
}
