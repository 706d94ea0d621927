<?php

use Anthropic\Client;

class Chat
{
    public function ask(Client $client, string $question)
    {
        return $client->messages->create(
            maxTokens: 1024,
            messages: [['role' => 'user', 'content' => $question]],
            model: Model::CLAUDE_3_7_SONNET_20250219,
            temperature: 0.5,
        );
    }

    public function legacy($http, $question)
    {
        return $http->post('/v1/messages', [
            'model' => 'claude-sonnet-4-20250514',
            'max_tokens' => 8000,
            'thinking' => ['type' => 'enabled', 'budget_tokens' => 2000],
            'messages' => [['role' => 'user', 'content' => $question]],
        ]);
    }

    public function limit(string $model): int
    {
        return match (true) {
            str_starts_with($model, 'claude-3-7') => 64000,
            default => 8192,
        };
    }
}
