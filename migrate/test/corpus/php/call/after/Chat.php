<?php

use Anthropic\Client;

class Chat
{
    public function ask(Client $client, string $question)
    {
        return $client->messages->create(
            maxTokens: 1024,
            messages: [['role' => 'user', 'content' => $question]],
            model: Model::CLAUDE_SONNET_5_5,
        );
    }

    public function legacy($http, $question)
    {
        return $http->post('/v1/messages', [
            'model' => 'claude-sonnet-5-5',
            'max_tokens' => 8000,
            'thinking' => ['type' => 'adaptive'],
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
