import Foundation

/// The models that the app can use.
enum ClaudeModel: String, CaseIterable {
    case haiku35 = "claude-3-5-haiku-20241022"
    case haiku3 = "claude-3-haiku-20240307"
    case standard = "claude-3-5-haiku-latest"

    var title: String {
        switch self {
        case .haiku35: return "Claude 3.5 Haiku"
        case .haiku3: return "Claude 3 Haiku"
        case .standard: return "Standard"
        }
    }
}

struct ClaudeClient {
    let session = URLSession.shared
    var model = "claude-haiku-4-5-20251001"

    func send(_ text: String) async throws -> Data {
        var request = URLRequest(url: URL(string: "https://api.anthropic.com/v1/messages")!)
        request.httpMethod = "POST"
        request.setValue("2023-06-01", forHTTPHeaderField: "anthropic-version")
        let body: [String: Any] = [
            "model": "claude-3-haiku-20240307",
            "max_tokens": 8192,
            "temperature": 0.5,
            "messages": [["role": "user", "content": text]],
        ]
        request.httpBody = try JSONSerialization.data(withJSONObject: body)
        return try await session.data(for: request).0
    }

    func supportsLongAnswers(_ model: String) -> Bool {
        !model.hasPrefix("claude-3-") && !model.contains("instant")
    }
}
