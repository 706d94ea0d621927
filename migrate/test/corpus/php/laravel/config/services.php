<?php

return [
    'mailgun' => ['domain' => env('MAILGUN_DOMAIN')],

    'anthropic' => [
        'key' => env('ANTHROPIC_API_KEY'),
        'model' => env('ANTHROPIC_MODEL', 'claude-sonnet-4-20250514'),
        'small_model' => env('ANTHROPIC_SMALL_MODEL', 'claude-3-5-haiku-latest'),
        'max_tokens' => 4096,
        'prices' => [
            'claude-sonnet-4-20250514' => ['input' => 3.00, 'output' => 15.00],
        ],
    ],
];
