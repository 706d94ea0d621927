using Anthropic.SDK;
using Anthropic.SDK.Constants;
using Microsoft.SemanticKernel;

public class Chat
{
    // Set in the portal; not an id of Anthropic.
    private const string FoundryDeployment = "claude-opus-41-prod";
    private readonly string _model = Environment.GetEnvironmentVariable("CLAUDE_MODEL") ?? "claude-opus-4-20250514";

    public MessageParameters First(string text) => new()
    {
        Model = Model.Claude4Sonnet20250514,
        MaxTokens = 1024,
        Temperature = 0.5m,
        Messages = [new(RoleType.User, text)],
    };

    public MessageParameters Second(string text) => new()
    {
        Model = AnthropicModels.Claude35Sonnet,
        MaxTokens = 1024,
        Messages = [new(RoleType.User, text)],
    };

    public bool Thinks(string model)
    {
        switch (model)
        {
            case "claude-3-7-sonnet-20250219":
            case "claude-opus-4-20250514":
                return true;
            default:
                return model.StartsWith("claude-sonnet-4-");
        }
    }
}
