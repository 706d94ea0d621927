RSpec.describe Summarizer do
  it "uses the default model" do
    expect(Summarizer::MODEL).to eq("claude-opus-4-1-20250805")
  end
end
